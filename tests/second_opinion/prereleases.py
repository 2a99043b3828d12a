"""Looks for SDKs that are newer than what `docs/next-sdks.md` covers: `make prereleases`.

A newer pre-release or major version is a finding, because the page must say what it changes. Other
releases are the concern of the weekly job `newest-dependencies`.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator

from packaging.version import Version

from template import TEMPLATE

PAGE = "docs/next-sdks.md"
# The oldest Python of the release candidates: pip hides what the running one cannot install.
PIP = [sys.executable, "-m", "pip", "index", "versions", "--pre", "--json"]
COMMANDS = {
    "azure-functions-durable": [*PIP, "--only-binary=:all:", "--python-version=3.13"],
    "durable-functions": ["npm", "view", "--json"],
    "Microsoft.": ["dotnet", "package", "search", "--exact-match", "--prerelease", "--format=json"],
}


def main() -> int:
    """Print the findings; return their number."""
    text = (TEMPLATE.root / PAGE).read_text(encoding="utf-8")
    findings = [
        problem
        for name, covered in covered_versions(text).items()
        for problem in problems(name, covered, versions(name))
    ]
    print(*findings or ["No newer pre-release."], sep="\n")
    return len(findings)


def covered_versions(document: str) -> dict[str, Version]:
    """Return the version of each package in the first table."""
    rows = re.findall(r"^\| `([\w.-]+)` \| (\d\S*) \|$", document, flags=re.MULTILINE)
    return {name: Version(version) for name, version in rows}


def versions(name: str) -> list[Version]:
    """Return all versions of a package, as its registry has them."""
    (command,) = [each for start, each in COMMANDS.items() if name.startswith(start)]
    fields = ["versions"] if command[0] == "npm" else []
    run = subprocess.run(
        [*command, name, *fields], check=True, stdout=subprocess.PIPE, text=True, timeout=120
    )
    return [Version(each) for each in parsed(json.loads(run.stdout))]


def parsed(answer: list | dict) -> Iterable[str]:
    """Return the versions in the answer of npm, pip or dotnet."""
    if isinstance(answer, list):
        return answer
    if "versions" in answer:
        return answer["versions"]
    return [each["version"] for source in answer["searchResult"] for each in source["packages"]]


def problems(name: str, covered: Version, published: list[Version]) -> Iterator[str]:
    """Yield the newest version when it is news, or that there is none."""
    if not published:
        yield f"{name}: its registry has no version"
        return
    newest = max(published)
    if newest > covered and (newest.is_prerelease or newest.major > covered.major):
        yield f"{name} {newest} is newer than {covered} in {PAGE}: add what it changes"


if __name__ == "__main__":
    sys.exit(main())
