"""Raises the versions that generated projects pin, within their major versions.

Usage: python tools/raise_versions.py
It asks the registries by their own clients: npm, uv, dotnet, and the container registry by HTTP.
Major versions, runtimes and ranges are decisions: they remain. Only dotnet takes what is newest.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[1]
CONTAINERS = "https://mcr.microsoft.com"
# The key in `_versions`, and the image.
IMAGES = {"scheduler_emulator": "dts/dts-emulator", "azurite": "azure-storage/azurite"}
VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")
PIN = re.compile(
    r"^[\s\"]*(?P<name>[A-Za-z][\w.-]*)(?:\[\w+\])?==(?P<version>[\d.]+)", re.MULTILINE
)


def run(*command: str, folder: Path, given: str = "") -> str:
    """Return what a program prints; one that fails is an error."""
    found = shutil.which(command[0]) or command[0]  # on Windows, npm is a script
    result = subprocess.run(
        [found, *command[1:]],
        cwd=folder,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        input=given,
    )
    return result.stdout


def overlays(root: Path) -> Path:
    """Return the folder of the copied overlays."""
    return root / "{{cookiecutter.project_slug}}" / "_overlays"


def raise_npm(root: Path) -> None:
    """Raise what the lock files of TypeScript and JavaScript pin; the ranges remain."""
    for file in sorted(overlays(root).glob("*/src/package.json")):
        quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--omit-lockfile-registry-resolved"]
        run("npm", "update", "--package-lock-only", *quiet, folder=file.parent)


def raise_python(root: Path) -> None:
    """Raise the exact pins, also where this repository repeats them."""
    files = [overlays(root) / "python/requirements-dev.txt", root / "pyproject.toml"]
    pins = dict(PIN.findall("".join(file.read_text("utf-8") for file in files)))
    wanted = [f"{name}>={old},<{int(old.split('.')[0]) + 1}" for name, old in pins.items()]
    compile_ = ["uv", "pip", "compile", "--quiet", "--no-deps", "--no-annotate", "--no-header", "-"]
    for line in run(*compile_, folder=root, given="\n".join(wanted)).split():
        name, _, new = line.partition("==")
        replace(files, rf"(?m)(^[\s\"]*{re.escape(name)}(?:\[\w+\])?==)[\d.]+", rf"\g<1>{new}")


def raise_csharp(root: Path) -> None:
    """Raise the NuGet packages, in a project, because the client needs one."""
    with tempfile.TemporaryDirectory() as folder:
        options = ["--no-input", "--output-dir", folder, "language=csharp"]
        run(sys.executable, "-m", "cookiecutter", str(root), *options, folder=root)
        project = Path(folder) / "order-workflow"
        run("dotnet", "package", "update", folder=project)
        packages = "Directory.Packages.props"
        shutil.copy(project / packages, overlays(root) / "csharp" / packages)


def raise_images(root: Path, registry: str = CONTAINERS) -> None:
    """Raise the tags of the emulators."""
    files = [root / "cookiecutter.json", root / "{{cookiecutter.project_slug}}" / "compose.yaml"]
    versions = json.loads(files[0].read_text("utf-8"))["_versions"]
    for key, image in IMAGES.items():
        with urllib.request.urlopen(f"{registry}/v2/{image}/tags/list", timeout=30) as response:
            new = newest(versions[key], json.load(response)["tags"])
        replace(files[:1], rf'("{key}": ")[^"]+', rf"\g<1>{new}")
        replace(files[1:], rf"({image}:)\S+", rf"\g<1>{new}")


def newest(old: str, tags: Iterable[str]) -> str:
    """Return the highest release with the major version of the old one, spelled as that."""
    kept = VERSION.fullmatch(old)
    found = [match for tag in [*tags, old] if (match := VERSION.fullmatch(tag))]
    same = [each for each in found if each[1] == kept[1] and each[0][0] == old[0]]
    return max(same, key=lambda match: tuple(map(int, match.groups())))[0]


def replace(files: Iterable[Path], pattern: str, new: str) -> None:
    """Replace each match in the files."""
    for file in files:
        text = re.sub(pattern, new, file.read_text("utf-8"))
        file.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    raise_npm(ROOT)
    raise_python(ROOT)
    raise_csharp(ROOT)
    raise_images(ROOT)
