"""Prepares a release: version, changelog and tag. `make release VERSION=0.1.0` runs it.

It commits and tags locally, and prints the command that pushes both.
"""

import datetime
import re
import subprocess
import sys
from pathlib import Path

UNRELEASED = "## Unreleased"
VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")


class Refusal(Exception):
    """A release that must not be made; the message has the way out."""


def notes(changelog: str, heading: str) -> str:
    """Return the part of a changelog below a heading, which a date can follow."""
    pattern = rf"^## {re.escape(heading)}(?: - [\d-]+)?\n(.*?)(?=^## |\Z)"
    found = re.search(pattern, changelog, re.MULTILINE | re.DOTALL)
    return found[1].strip() if found else ""


def git(root: Path, *arguments: str) -> str:
    """Return what git prints."""
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def current_version(root: Path) -> str:
    """Return the version in pyproject.toml."""
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    return re.search(r'^version = "(.*)"$', text, re.MULTILINE)[1]


def check(root: Path, version: str) -> None:
    """Refuse a release that cannot be made.

    Raises:
        Refusal: with what is wrong and the way out.
    """
    if not VERSION.fullmatch(version):
        raise Refusal(f'"{version}" is no version: use three numbers, as in VERSION=0.1.0.')
    if git(root, "status", "--porcelain"):
        raise Refusal("The working tree has changes: commit them first.")
    if git(root, "rev-parse", "--abbrev-ref", "HEAD") != "main":
        raise Refusal("Releases are made on the branch main: run `git switch main` first.")
    if git(root, "tag", "--list", f"v{version}"):
        raise Refusal(f"The tag v{version} exists: choose a higher version.")
    changelog = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    if notes(changelog, version):
        raise Refusal(f"CHANGELOG.md has a part {version} already: choose a higher version.")
    if numbers(version) < numbers(current_version(root)):
        raise Refusal(f"{version} is lower than {current_version(root)}: choose a higher version.")
    if not notes(changelog, "Unreleased"):
        raise Refusal(f'CHANGELOG.md has nothing below "{UNRELEASED}": write what changed.')


def numbers(version: str) -> list[int]:
    """Return a version as numbers that compare."""
    return [int(part) for part in version.split(".")]


def replace(path: Path, pattern: str, new: str) -> None:
    """Replace the one line that matches."""
    text, count = re.subn(pattern, new, path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert count == 1, f"{path.name}: {count} lines match {pattern}"
    path.write_text(text, encoding="utf-8", newline="\n")


def release(root: Path, version: str, date: str) -> None:
    """Commit and tag a version."""
    check(root, version)
    released = git(root, "rev-parse", "HEAD")
    heading = f"{UNRELEASED}\n\n## {version} - {date}"
    replace(root / "CHANGELOG.md", f"^{UNRELEASED}$", heading)
    replace(root / "pyproject.toml", r'^version = ".*"$', f'version = "{version}"')
    replace(root / "pyproject.toml", r'^last = ".*"$', f'last = "{released}"')
    git(root, "commit", "--quiet", "--all", "--message", f"Release {version}")
    git(root, "tag", "--annotate", f"v{version}", "--message", f"Version {version}")


def verify(root: Path, tag: str) -> str:
    """Return the notes of a tag that agrees with the version and the changelog.

    Raises:
        Refusal: the tag, the version and the changelog do not agree.
    """
    version = current_version(root)
    if tag != f"v{version}":
        raise Refusal(f"The tag {tag} is not v{version}, the version in pyproject.toml.")
    text = notes((root / "CHANGELOG.md").read_text(encoding="utf-8"), version)
    if not text:
        raise Refusal(f"CHANGELOG.md has no part {version}: create the tag with `make release`.")
    return text


def main(root: Path, arguments: list[str]) -> int:
    """Prepare a version, or print the notes of a tag: `verify TAG`."""
    try:
        if arguments[:1] == ["verify"]:
            print(verify(root, "".join(arguments[1:])))
        else:
            version = "".join(arguments)
            today = datetime.datetime.now(datetime.UTC).date().isoformat()
            release(root, version, today)
            print(f"Push the release:\n  git push origin main v{version}")
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(__file__).parents[1], sys.argv[1:]))
