// A directory as golang.org/x/net/webdav shows it, the library of many small servers.
package main

import (
	"log"
	"net/http"
	"os"

	"golang.org/x/net/webdav"
)

func main() {
	if len(os.Args) != 3 {
		log.Fatal("two arguments: the directory to serve, the address to listen on")
	}
	log.Fatal(http.ListenAndServe(os.Args[2], &webdav.Handler{
		FileSystem: webdav.Dir(os.Args[1]),
		LockSystem: webdav.NewMemLS(),
	}))
}
