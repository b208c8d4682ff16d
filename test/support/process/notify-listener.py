# Listens on a unix datagram socket as a service manager does, and prints each message as a line of JSON.
# Descriptors that come along (sd_notify_barrier) are closed at once: that is the answer to a barrier.
# Arguments: the socket's address ("@name" for an abstract one).
import json
import socket
import sys

address = sys.argv[1]
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind("\0" + address[1:] if address.startswith("@") else address)
print(json.dumps("listening"), flush=True)
while True:
    message, _, _, _ = listener.recvmsg(65536)
    print(json.dumps(message.decode("utf-8", "replace")), flush=True)
