"""The linters of the file types that no language of the template owns."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

DATA = Path(__file__).parents[1] / "data"
BIN = Path(sys.executable).parent


def run(*command: str | Path, cwd: Path) -> str:
    """Return the output of a linter that finds something, and nothing otherwise."""
    result = subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, timeout=120
    )
    return result.stdout + result.stderr if result.returncode else ""


def shellcheck(*paths: Path) -> str:
    return run(BIN / "shellcheck", *paths, cwd=DATA)


def shfmt(*paths: Path) -> str:
    return run(BIN / "shfmt", "--diff", "--indent", "4", *paths, cwd=DATA)


def yamllint(*paths: Path) -> str:
    return run(
        BIN / "yamllint", "--strict", "--config-file", DATA / "yamllint.yaml", *paths, cwd=DATA
    )


def pymarkdown(*paths: Path) -> str:
    return run(BIN / "pymarkdown", "--config", DATA / "pymarkdown.json", "scan", *paths, cwd=DATA)


def json_layout(*paths: Path) -> str:
    """JSON is indented by two spaces; short lists and objects may be on one line."""
    texts = [path.read_text(encoding="utf-8") for path in paths]
    for text in texts:
        json.loads(text)
    lines = [line for text in texts for line in text.splitlines()]
    return "".join(line for line in lines if (len(line) - len(line.lstrip())) % 2)


@cache
def schema(name: str) -> Callable[..., str]:
    """Return a linter that checks a file with a schema of ours or one that the tool has."""
    own = DATA / f"{name}.schema.json"
    options = ["--schemafile", own] if own.exists() else ["--builtin-schema", f"vendor.{name}"]

    def check(*paths: Path) -> str:
        return run(BIN / "check-jsonschema", *options, *paths, cwd=DATA)

    return check


def linters(file: str) -> Iterator[Callable[..., str]]:
    """Yield the linters of a file by its name."""
    if file.endswith(".sh"):
        yield from (shellcheck, shfmt)
    elif file.endswith((".yaml", ".yml")):
        yield yamllint
    elif file.endswith(".md"):
        yield pymarkdown
    elif file.endswith(".json"):
        yield json_layout
    if file == "compose.yaml":
        yield schema("compose-spec")
    if file == "src/host.json":
        yield schema("host")
    if file.startswith(".github/workflows/"):
        yield schema("github-workflows")
    if file == ".github/dependabot.yml":
        yield schema("dependabot")
