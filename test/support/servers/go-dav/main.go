// A directory as golang.org/x/net/webdav shows it, the library of many small servers.
package main

import (
	"context"
	"flag"
	"log"
	"net/http"
	"os"
	"path"
	"strings"

	"golang.org/x/net/webdav"
	"golang.org/x/text/unicode/norm"
)

func main() {
	folds := flag.Bool("folds", false, "find names in any case and normal form, as file systems of macOS do")
	flag.Parse()
	if flag.NArg() != 2 {
		log.Fatal("two arguments: the directory to serve, the address to listen on")
	}
	var files webdav.FileSystem = webdav.Dir(flag.Arg(0))
	if *folds {
		files = folding{webdav.Dir(flag.Arg(0))}
	}
	handler := &webdav.Handler{FileSystem: files, LockSystem: webdav.NewMemLS()}
	log.Fatal(http.ListenAndServe(flag.Arg(1), handler))
}

// Keeps names as they were given, and takes any spelling for the name that is there.
type folding struct{ webdav.Dir }

func (files folding) OpenFile(ctx context.Context, name string, flag int, perm os.FileMode) (webdav.File, error) {
	return files.Dir.OpenFile(ctx, files.find(name), flag, perm)
}

func (files folding) Stat(ctx context.Context, name string) (os.FileInfo, error) {
	return files.Dir.Stat(ctx, files.find(name))
}

// The path that is on disk, part for part; from the first part that isn't there on it stays as it is.
func (files folding) find(name string) string {
	found := "/"
	for _, part := range strings.Split(strings.Trim(name, "/"), "/") {
		entries, _ := os.ReadDir(path.Join(string(files.Dir), found))
		spelled := part
		for _, entry := range entries {
			if entry.Name() == part {
				spelled = part
				break
			}
			if fold(entry.Name()) == fold(part) {
				spelled = entry.Name()
			}
		}
		found = path.Join(found, spelled)
	}
	return found
}

func fold(name string) string {
	return norm.NFC.String(strings.ToLower(norm.NFC.String(name)))
}
