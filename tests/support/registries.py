"""A company's package index for pip, npm and NuGet on this machine, its proxy, and packages."""

import base64
import contextlib
import hashlib
import io
import json
import socket
import socketserver
import ssl
import tarfile
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import unquote

import trustme

# A build backend that needs no package: the wheel lies beside it.
BACKEND = """
import pathlib, shutil

def build_wheel(directory, *_):
    (wheel,) = pathlib.Path(__file__).parent.glob("*.whl")
    return pathlib.Path(shutil.copy(wheel, directory)).name
"""
COMPANY = "packages.company.test"
NUSPEC = """<?xml version="1.0"?>
<package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd"><metadata>
  <id>{name}</id><version>1.0.0</version><authors>a</authors><description>d</description>
</metadata></package>
"""
PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "{name}"
version = "1.0"
"""


class Registry:
    """A server of pages; it demands the authorization header that it was given.

    Args:
        authorization: the header that each request must have, if any.
        certificate: serve HTTPS under the name that this certificate is for. Clients reach the
            name through a `Proxy`.
    """

    def __init__(
        self, authorization: str = "", certificate: trustme.LeafCert | None = None
    ) -> None:
        self.pages: dict[str, bytes] = {}
        registry = self

        class Pages(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                page = registry.pages.get(unquote(self.path).strip("/"))
                status = 200 if page is not None else 404
                if self.headers.get("Authorization", "") != authorization:
                    status = 401
                self.send_response(status)
                if status == 401:
                    self.send_header("WWW-Authenticate", "Basic")
                content = page if status == 200 and page is not None else b""
                self.send_header("Content-Type", content_type(content))
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if self.command == "GET":
                    self.wfile.write(content)

            do_HEAD = do_GET

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
        self.port = self._server.server_port
        self.host = f"127.0.0.1:{self.port}"
        self.url = f"http://{self.host}"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            certificate.configure_cert(context)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
            self.host = COMPANY
            self.url = f"https://{self.host}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def add_python(self, project: str, file: str, content: bytes) -> None:
        """Offer the file of a Python package, as PEP 503 says."""
        self.pages[f"files/{file}"] = content
        self.pages[f"simple/{project}"] = f'<a href="/files/{file}">{file}</a>'.encode()

    def add_npm(self, manifest: dict[str, Any], files: dict[str, str]) -> None:
        """Offer a package of npm."""
        content = archive("package", {"package.json": json.dumps(manifest)} | files)
        name, version = manifest["name"], manifest["version"]
        digest = base64.b64encode(hashlib.sha512(content).digest()).decode()
        tarball = f"{name}/-/package.tgz"
        dist = {"tarball": f"{self.url}/{tarball}", "integrity": f"sha512-{digest}"}
        versions = {version: manifest | {"dist": dist}}
        page = {"name": name, "dist-tags": {"latest": version}, "versions": versions}
        self.pages |= {name: json.dumps(page).encode(), tarball: content}

    def add_nuget(self, name: str) -> None:
        """Offer a package of NuGet without content, as its protocol 3 says."""
        package = io.BytesIO()
        with zipfile.ZipFile(package, "w") as file:
            file.writestr(f"{name}.nuspec", NUSPEC.format(name=name))
            file.writestr("lib/net10.0/_._", "")
        base = {"@id": f"{self.url}/flat/", "@type": "PackageBaseAddress/3.0.0"}
        folder = f"flat/{name.lower()}"
        self.pages |= {
            "v3/index.json": json.dumps({"version": "3.0.0", "resources": [base]}).encode(),
            f"{folder}/index.json": b'{"versions": ["1.0.0"]}',
            f"{folder}/1.0.0/{name.lower()}.1.0.0.nupkg": package.getvalue(),
        }


class Proxy:
    """A proxy of a company: it leads the name `COMPANY` to a registry, and other names to itself.

    Args:
        registry: what the name leads to.
    """

    def __init__(self, registry: Registry) -> None:
        self.hosts: list[str] = []
        proxy = self

        class Tunnel(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                host, _, port = self.rfile.readline().split()[1].decode().partition(":")
                while self.rfile.readline().strip():
                    pass
                proxy.hosts.append(host)
                at = ("127.0.0.1", registry.port) if host == COMPANY else (host, int(port or 80))
                with socket.create_connection(at) as other:
                    self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                    back = threading.Thread(target=_copy, args=(other, self.request), daemon=True)
                    back.start()
                    _copy(self.request, other)
                    back.join()

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Tunnel)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _copy(source: socket.socket, target: socket.socket) -> None:
    """Send what arrives, until one side has closed."""
    with contextlib.suppress(OSError):
        while content := source.recv(65536):
            target.sendall(content)
        target.shutdown(socket.SHUT_WR)


def content_type(page: bytes) -> str:
    """Return what a page is, by its first character."""
    known = {b"<": "text/html", b"{": "application/json"}
    return known.get(page[:1], "application/octet-stream")


def archive(folder: str, files: dict[str, str | bytes]) -> bytes:
    """Return a compressed archive of files in a folder."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, text in files.items():
            content = text if isinstance(text, bytes) else text.encode()
            member = tarfile.TarInfo(f"{folder}/{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def wheel(project: str, tag: str = "py3-none-any") -> tuple[str, bytes]:
    """Return the name and the content of a wheel with one empty module."""
    module = project.replace("-", "_")
    info = f"{module}-1.0.dist-info"
    members = {
        f"{module}.py": "",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {project}\nVersion: 1.0\n",
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n",
    }
    members[f"{info}/RECORD"] = "".join(f"{name},,\n" for name in [*members, f"{info}/RECORD"])
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, text in members.items():
            file.writestr(name, text)
    return f"{module}-1.0-{tag}.whl", buffer.getvalue()


def sources(project: str, tag: str = "py3-none-any") -> dict[str, str | bytes]:
    """Return the files of a package that has to be built; the wheel gets a tag."""
    name, content = wheel(project, tag)
    return {
        "PKG-INFO": f"Metadata-Version: 2.1\nName: {project}\nVersion: 1.0\n",
        "pyproject.toml": PYPROJECT.format(name=project),
        "backend.py": BACKEND,
        name: content,
    }


def source_distribution(project: str, tag: str = "py3-none-any") -> tuple[str, bytes]:
    """Return the name and the content of a source distribution."""
    folder = f"{project.replace('-', '_')}-1.0"
    return f"{folder}.tar.gz", archive(folder, sources(project, tag))
