"""Fakes of what a local run needs: the emulators' servers, `docker` and `func`."""

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

# An answer gets the connection of a client and its number: 1 is the first.
Answer = Callable[["socketserver.StreamRequestHandler", int], None]


@contextmanager
def serve(answer: Answer) -> Iterator[int]:
    """Let a server answer on a free port of this computer; yield the port."""

    class EmulatorHandler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            server.connections += 1
            answer(self, server.connections)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False
        connections = 0

    with Server(("127.0.0.1", 0), EmulatorHandler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def scheduler(client: socketserver.StreamRequestHandler, _: int = 1) -> None:
    """Answer as a gRPC server: the preface of HTTP/2, then a SETTINGS frame."""
    magic = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    settings = b"\0\0\0\4\0\0\0\0\0"
    if client.rfile.read(len(magic + settings)) == magic + settings:
        maximum_streams = b"\0\3\0\0\0\x64"
        client.wfile.write(b"\0\0\6\4\0\0\0\0\0" + maximum_streams)


def storage(client: socketserver.StreamRequestHandler, _: int = 1) -> None:
    """Refuse an anonymous request as Azurite does."""
    respond(client, "400 Bad Request", "Server: Azurite-Blob/3.35.0")


def web_server(client: socketserver.StreamRequestHandler, _: int = 1) -> None:
    """Answer as another program that happens to use the port."""
    respond(client, "200 OK", "Server: nginx")


def silent(client: socketserver.StreamRequestHandler, _: int = 1) -> None:
    """Accept the connection and say nothing, as a proxy in front of a program that starts."""
    client.rfile.read()


def ready_at_third_attempt(answer: Answer) -> Answer:
    """Return what closes two connections, as the proxy of Docker does, before it answers."""

    def handle(client: socketserver.StreamRequestHandler, number: int) -> None:
        if number > 2:
            answer(client, number)

    return handle


def respond(client: socketserver.StreamRequestHandler, status: str, header: str) -> None:
    """Read an HTTP request and send a response without a body."""
    while client.rfile.readline().strip():
        pass
    client.wfile.write(f"HTTP/1.1 {status}\r\n{header}\r\nContent-Length: 0\r\n\r\n".encode())


DOCKER = """#!/bin/sh
echo "docker $*" >>"$CALLS"
case "$*" in
"$DOCKER_FAILS") echo "the reason" >&2; exit 1 ;;
"compose port scheduler 8080") echo "$SCHEDULER" ;;
"compose port storage 10000") echo "$STORAGE" ;;
"compose port scheduler 8082") echo "127.0.0.1:9082" ;;
esac
"""
FUNC = """#!/bin/sh
echo "func $* in $(basename "$PWD")" >>"$CALLS"
"""


def install_fakes(folder: Path) -> Path:
    """Write the fakes of `docker` and `func` into a new folder for PATH, and return it."""
    folder.mkdir()
    for name, text in {"docker": DOCKER, "func": FUNC}.items():
        (folder / name).write_text(text, encoding="utf-8")
        (folder / name).chmod(0o755)
    return folder
