# Runs a command on a terminal of its own, closes the terminal once a text has come, and prints how the command ended.
# Arguments: the text, then the command.
import os
import pty
import sys

text, command = sys.argv[1].encode(), sys.argv[2:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(command[0], command)
seen = b""
while text not in seen:
    try:
        chunk = os.read(terminal, 65536)
    except OSError:  # the command has ended, and with it the other side of its terminal
        break
    seen += chunk
os.close(terminal)
_, status = os.waitpid(pid, 0)
if text not in seen:
    sys.exit(seen.decode("utf-8", "replace"))
print(os.waitstatus_to_exitcode(status))
