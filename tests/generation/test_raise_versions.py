"""Raising the versions that generated projects pin, with fakes of the registries' clients."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from checkout import Fakes
from template import TEMPLATE
from tools import raise_versions

REQUIREMENTS = "python/requirements-dev.txt"
PROPS = "csharp/Directory.Packages.props"


def pin(name: str, text: str) -> str:
    """Return the exact version of a package."""
    return dict(raise_versions.PIN.findall(text))[name]


def test_exact_pins_are_raised_wherever_they_are(checkout: Path, fakes: Fakes) -> None:
    fakes.add("uv", 'cat >"$CALLS"; echo ruff==0.99.1; echo pyright==1.99.2')
    requirements = raise_versions.overlays(checkout) / REQUIREMENTS
    before = requirements.read_text("utf-8")

    raise_versions.raise_python(checkout)

    ruff, pyright = pin("ruff", before), pin("pyright", before)
    asked = fakes.calls.read_text("utf-8").split()
    assert asked == [f"pyright>={pyright},<2", f"ruff>={ruff},<1"]
    expected = before.replace(f"=={ruff}", "==0.99.1").replace(f"=={pyright}", "==1.99.2")
    assert requirements.read_text("utf-8") == expected
    project = (TEMPLATE.root / "pyproject.toml").read_text("utf-8")
    assert (checkout / "pyproject.toml").read_text("utf-8") == project.replace(ruff, "0.99.1")


def test_the_lock_file_of_each_node_language_is_raised(checkout: Path, fakes: Fakes) -> None:
    fakes.add("npm", 'echo "$PWD $*" >>"$CALLS"')

    raise_versions.raise_npm(checkout)

    calls = fakes.calls.read_text("utf-8").splitlines()
    folders = [
        raise_versions.overlays(checkout) / f"{name}/src" for name in ("javascript", "typescript")
    ]
    assert [call.split(" update ")[0] for call in calls] == list(map(str, folders))
    assert all("--package-lock-only" in call for call in calls)


@pytest.mark.slow
def test_nuget_packages_are_raised_in_the_overlay(checkout: Path, fakes: Fakes) -> None:
    file, version = "Directory.Packages.props", 'Worker" Version="'
    fakes.add("dotnet", f"sed 's/{version}[^\"]*/{version}2.99.0/' {file} >new && mv new {file}")
    packages = raise_versions.overlays(checkout) / PROPS
    before = packages.read_text("utf-8")

    raise_versions.raise_csharp(checkout)

    after = re.sub(r'(Functions\.Worker" Version=")[^"]*', r"\g<1>2.99.0", before)
    assert packages.read_text("utf-8") == after != before


@contextmanager
def registry(tags: dict[str, list[str]]) -> Iterator[str]:
    """Yield the address of a fake container registry."""

    class IndexHandler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            image = self.path.removeprefix("/v2/").removesuffix("/tags/list")
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"name": image, "tags": tags[image]}).encode())

        def log_message(self, format: str, *args: object) -> None:
            """Print nothing."""

    with HTTPServer(("127.0.0.1", 0), IndexHandler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_the_emulators_are_raised_in_both_places(checkout: Path) -> None:
    tags = {
        "dts/dts-emulator": ["latest", "v0.0.6", "v0.0.61", "v0.0.7-preview"],
        "azure-storage/azurite": ["3.99.0", "3.99.0-arm64", "4.0.0", "latest"],
    }

    with registry(tags) as address:
        raise_versions.raise_images(checkout, address)

    versions = json.loads((checkout / "cookiecutter.json").read_text("utf-8"))["_versions"]
    assert (versions["scheduler_emulator"], versions["azurite"]) == ("v0.0.61", "3.99.0")
    compose = (checkout / TEMPLATE.project.name / "compose.yaml").read_text("utf-8")
    assert "image: mcr.microsoft.com/dts/dts-emulator:v0.0.61\n" in compose
    assert "image: mcr.microsoft.com/azure-storage/azurite:3.99.0\n" in compose


@pytest.mark.parametrize(
    ("old", "tags", "new"),
    [
        ("1.2.9", ["1.2.10", "1.2.2"], "1.2.10"),
        ("1.2.9", ["2.0.0", "1.3.0-beta.1", "latest"], "1.2.9"),
        ("v1.2.9", ["1.3.0", "v1.2.10"], "v1.2.10"),
        ("1.2.9", [], "1.2.9"),
    ],
    ids=["as numbers", "no major version and no preview", "spelled as before", "nothing newer"],
)
def test_the_newest_version(old: str, tags: list[str], new: str) -> None:
    assert raise_versions.newest(old, tags) == new
