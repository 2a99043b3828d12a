"""Imports the Azure CLI once and forks for each call of `az`.

Started by `launcher.py` with the Python of the Azure CLI, the path of the socket, and standard
input open: the server ends when that is closed.
"""

import array
import contextlib
import gc
import marshal
import os
import select
import signal
import socket
import sys
import threading
import traceback
from pathlib import Path
from typing import IO

sys.path.append(str(Path(__file__).parents[2]))  # last: modules of the tests hide no others

from fakes.azure_cli import patches


def serve(path: str) -> None:
    """Answer calls until standard input is closed."""
    patches.prepare(Path(path).parent)
    gc.collect()
    gc.disable()  # a collection in a forked process would copy all the memory
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # no zombies
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{path}.new")
        listener.listen(64)
        os.rename(f"{path}.new", path)  # who sees it can connect
        while True:
            ready, _, _ = select.select([listener, 0], [], [])
            if 0 in ready:
                return
            connection, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                _answer(connection)
            connection.close()


def _answer(connection: socket.socket) -> None:
    """Perform a call in this process, which ends with it."""
    code = 70
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        call = _receive(connection)
        threading.Thread(target=_end_with, args=(connection,), daemon=True).start()
        code = 1
        code = patches.run(call["argv"])
    except BaseException:
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            _flush(stream)
        connection.sendall(str(code).encode())
        os._exit(0)


def _receive(connection: socket.socket) -> dict:
    """Take over the arguments, the folder, the environment and the streams of the client."""
    size, ancillary, _, _ = connection.recvmsg(4, socket.CMSG_LEN(3 * 4))
    descriptors = array.array("i")
    for _, _, data in ancillary:
        descriptors.frombytes(data)
    body = b""
    while len(body) < int.from_bytes(size, "big"):
        body += connection.recv(65536)
    call = marshal.loads(body)
    os.chdir(call["cwd"])
    os.environ.clear()
    os.environ.update(call["environment"])
    for number in (0, 1, 2):
        if number in call["streams"]:
            os.dup2(descriptors[call["streams"].index(number)], number)
        else:
            os.close(number)
    for descriptor in descriptors:
        os.close(descriptor)
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        setattr(sys, name, _stream(number, mode) if number in call["streams"] else None)
    return call


def _stream(number: int, mode: str) -> IO[str]:
    return open(number, mode, encoding="utf-8", closefd=False)


def _end_with(connection: socket.socket) -> None:
    """End this process when the client has gone."""
    if not connection.recv(1):
        os._exit(137)


def _flush(stream: object) -> None:
    with contextlib.suppress(AttributeError, BrokenPipeError):
        stream.flush()  # type: ignore[attr-defined]


if __name__ == "__main__":
    serve(sys.argv[1])
