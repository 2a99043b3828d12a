"""The `az` that scripts start: hands a call to the server and ends with its exit code.

Small and without imports that take time: `socket`, `signal` and `json` would double it, so their
core is used. Standard streams go to the server as file descriptors, so that a closed one is closed
there; when this process is killed, the call ends with its connection.
"""

import _signal
import _socket
import array
import marshal
import os
import sys

NO_SERVER = 70
MARSHAL_VERSION = 2  # every Python reads it


def main() -> int:
    """Run one call."""
    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
    streams = [number for number in (0, 1, 2) if _is_open(number)]
    call = {
        "argv": sys.argv[1:],
        "cwd": os.getcwd(),
        "environment": dict(os.environ),
        "streams": streams,
    }
    body = marshal.dumps(call, MARSHAL_VERSION)
    connection = _socket.socket(_socket.AF_UNIX)
    connection.connect(os.environ["FAKE_AZURE_CLI_SOCKET"])
    rights = [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, array.array("i", streams))]
    connection.sendmsg([len(body).to_bytes(4, "big")], rights)
    connection.sendall(body)
    answer = connection.recv(16)
    return int(answer) if answer else NO_SERVER


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
