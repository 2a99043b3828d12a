"""Creates package/, which is what Azure runs: the app, and its packages for Linux and Python 3.13.

`package.sh` and `package.ps1` run it in the virtual environment, from the folder of the project.
"""

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import uv

try:
    import pathspec
except ImportError:
    sys.exit("pathspec is missing: run 'python scripts/uv.py pip install -r requirements-dev.txt'.")

SRC = Path("src")
PACKAGE = Path("package")
PACKAGES = PACKAGE / ".python_packages/lib/site-packages"
VERSION = "3.13"
AZURE = ("--python-platform", "x86_64-manylinux_2_28", "--python-version", VERSION)
# What the Core Tools leave out as well, and the folder of the packages.
NEVER = (
    ".funcignore",
    ".gitignore",
    ".git/",
    ".vscode/",
    "local.settings.json",
    "/.python_packages",
)
CONTENT = (
    "package/ holds the files of src/ that src/.funcignore does not exclude, "
    "and the packages of src/requirements.txt."
)


def copy_app(target: Path) -> None:
    """Copy the files of the app that `.funcignore` does not exclude; it reads as `.gitignore`."""
    ignore_file = SRC / ".funcignore"
    lines = ignore_file.read_text("utf-8-sig").splitlines() if ignore_file.exists() else []
    ignored = pathspec.GitIgnoreSpec.from_lines([*lines, *NEVER])

    def excluded(folder: str, names: list[str]) -> list[str]:
        below = Path(folder).relative_to(SRC)
        paths = {name: (below / name).as_posix() for name in names}
        folders = {name for name in names if (SRC / paths[name]).is_dir()}
        return [
            name
            for name, path in paths.items()
            if ignored.match_file(f"{path}/" if name in folders else path)
        ]

    shutil.copytree(SRC, target, ignore=excluded)


def install(target: Path, *system: str) -> None:
    """Install the packages of the app into a folder, for this system or another.

    A package without a wheel is built here: uv refuses the result if it does not fit the system.
    """
    requirements = str(SRC / "requirements.txt")
    options = ("--quiet", "--no-editable", "--target", str(target), "--requirements", requirements)
    if uv.run("pip", "install", *options, *system).returncode != 0:
        fail(
            "The packages of src/requirements.txt could not be installed: see the messages of uv "
            "above. A package without a wheel for Linux has to be built on Linux x64 with Python "
            f"{VERSION}, as the workflow ci does."
        )


def runs_as_in_azure() -> bool:
    """Return whether this machine can load the packages for Azure."""
    here = (sys.platform, platform.machine(), platform.libc_ver()[0], sys.version_info[:2])
    return here == ("linux", "x86_64", "glibc", tuple(map(int, VERSION.split("."))))


def settings() -> dict[str, str]:
    """Return the settings that the app has on a developer's machine."""
    example = SRC / "local.settings.example.json"
    return json.loads(example.read_text("utf-8"))["Values"] if example.exists() else {}


def functions() -> list[str]:
    """Load the packaged app, away from the project, and return the names of its functions."""
    with tempfile.TemporaryDirectory() as folder:
        app = Path(folder, "app")
        copy_app(app)
        packages = PACKAGES
        if not runs_as_in_azure():
            print(
                "The packages for Azure cannot be loaded on this system, "
                "so the app is checked with the same packages for this system."
            )
            packages = Path(folder, "packages")
            install(packages)
        script = str(Path(__file__).with_name("functions.py"))
        command = [sys.executable, "-I", "-S", "-B", script, str(app), str(packages.resolve())]
        listed = subprocess.run(
            command, stdout=subprocess.PIPE, text=True, env=settings() | os.environ
        )
    if listed.returncode != 0:
        fail(f"The app in package/ does not load: see the error above. {CONTENT}")
    return listed.stdout.split()


def fail(message: str) -> None:
    """End with a message, and leave no package that could be deployed."""
    shutil.rmtree(PACKAGE, ignore_errors=True)
    sys.exit(message)


def main() -> None:
    """Make the package and prove that it has functions."""
    shutil.rmtree(PACKAGE, ignore_errors=True)
    copy_app(PACKAGE)
    # azd excludes what this file names, or what it knows of Python when there is none.
    (PACKAGE / ".funcignore").write_text("# Everything in this folder is deployed.\n", "utf-8")
    install(PACKAGES, *AZURE)
    names = functions()
    if not names:
        fail("The app in package/ has no functions: register them in src/function_app.py.")
    print(f"package/ is ready, with the functions {', '.join(sorted(names))}.")


if __name__ == "__main__":
    main()
