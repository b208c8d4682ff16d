# Opens a listening socket and becomes another program that gets it as descriptor 3, as a service manager does it.
# Arguments: "tcp" (any free port of 127.0.0.1) or the path of a unix socket, then the program. Prints the port or path first.
import os
import socket
import sys

where, command = sys.argv[1], sys.argv[2:]
listener = socket.socket(socket.AF_INET if where == "tcp" else socket.AF_UNIX, socket.SOCK_STREAM)
listener.bind(("127.0.0.1", 0) if where == "tcp" else where)
listener.listen(128)
print(listener.getsockname()[1] if where == "tcp" else where, flush=True)
if listener.fileno() != 3:
    os.dup2(listener.fileno(), 3)
os.set_inheritable(3, True)
os.execve(command[0], command, {**os.environ, "LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())})
