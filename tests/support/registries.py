"""A package index of a company on this machine, for pip and for npm, and packages for it."""

import base64
import hashlib
import io
import json
import tarfile
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import unquote

# A build backend that needs no package: the wheel lies beside it.
BACKEND = """
import pathlib, shutil

def build_wheel(directory, *_):
    (wheel,) = pathlib.Path(__file__).parent.glob("*.whl")
    return pathlib.Path(shutil.copy(wheel, directory)).name
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
    """

    def __init__(self, authorization: str = "") -> None:
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
                if status == 200 and page is not None:
                    self.send_header("Content-Type", content_type(page))
                self.end_headers()
                if status == 200 and page is not None and self.command == "GET":
                    self.wfile.write(page)

            do_HEAD = do_GET

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
        self.host = f"127.0.0.1:{self._server.server_port}"
        self.url = f"http://{self.host}"

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
