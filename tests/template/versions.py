"""Where versions are written besides the table `_versions` of `cookiecutter.json`.

Each place must agree with the table. A runtime version in a place that the list does not have is
found as well.
"""

import fnmatch
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from template import PROJECT_FOLDER, Template, tracked_texts

WARNING_TIME = timedelta(days=183)

# A pattern for paths (`@` is the project folder), then the text around the versions. `azure` is the
# version in Azure; `0` is the oldest version for development, `-1` the newest.
PLACES = """
cookiecutter.json                        | "Python {python.azure}"
cookiecutter.json                        | (Node.js {node.azure})
docs/choices.md                          | Python {python.0} to {python.-1} (
docs/choices.md                          | Azure runs Python {python.azure})
docs/choices.md                          | Node.js {node.0} or {node.-1} (
docs/choices.md                          | Azure runs Node.js {node.azure})
docs/differences.md                      | Python {python.0} to {python.-1} |
docs/differences.md                      | Node.js {node.0} or {node.-1} |
README.md                                | Python {python.0} or newer
README.md                                | Python {python.0} to {python.-1}, .NET {dotnet.azure}
README.md                                | Node.js {node.0} or {node.-1}.
README.md                                | Azure runs Python {python.azure},
README.md                                | .NET {dotnet.azure} or Node.js {node.azure}.
CONTRIBUTING.md                          | Python {python.0} or newer
pyproject.toml                           | requires-python = ">={python.0}"
.github/workflows/test.yml               | python: ["{python.0}", "{python.1}", "{python.-1}"]
.github/workflows/test.yml               | python: ["{python.0}", "{python.-1}"]
.github/workflows/*.yml                  | python-version: "{python.-1}"
.github/workflows/*.yml                  | node-version: "{node.azure}"
.github/workflows/*.yml                  | dotnet-version: "{dotnet.azure}.x"
.github/workflows/e2e.yml                | azure-functions-core-tools@{core_tools}
@/compose.yaml                           | dts-emulator:{scheduler_emulator}
@/compose.yaml                           | azurite:{azurite}
@/*.ps1                                  | #Requires -Version {powershell}
@/_overlays/azure-cli/scripts/common.*   | ({azure_cli} or newer)
@/_rendered/bicep/azure.yaml             | azd: ">= {azd}"
@/_overlays/python/scripts/package.py    | VERSION = "{python.azure}"
@/_overlays/python/scripts/*             | Linux and Python {python.azure}
@/_overlays/python/.github/*/ci.yml      | python-version: "{python.azure}"
@/_overlays/python/.devcontainer/*       | devcontainers/python:{python.azure}
@/_overlays/python/pyproject.toml        | pythonVersion = "{python.0}"
@/_overlays/*script/.github/*/ci.yml     | node-version: "{node.azure}"
@/_overlays/*script/.devcontainer/*      | typescript-node:{node.azure}
@/_overlays/*/.devcontainer/*            | features/node:2": { "version": "{node.azure}" }
@/_overlays/*script/src/package.json     | "node": ">={node.0}"
@/_overlays/*script/src/package.json     | "@types/node": "^{node.0}.0.0"
@/_overlays/csharp/Directory.Build.props | <TargetFramework>net{dotnet.azure}<
@/_overlays/csharp/Directory.Build.props | <AnalysisLevel>{dotnet.azure}-
@/_overlays/csharp/global.json           | "version": "{dotnet.azure}.
@/_overlays/csharp/.devcontainer/*       | devcontainers/dotnet:{dotnet.azure}
@/_overlays/csharp/.vscode/settings.json | /net{dotnet.azure}/publish
"""
PLACEHOLDER = re.compile(r"\\{([\w.\\-]+)\\}")
VERSION = r"(v?\d+(?:\.\d+)*)"
# What looks like a version of a runtime.
MENTION = re.compile(r"(?i)\bpython[-: \"]*(3\.\d+)|\bnode(?:\.js)?[ :@]+v?(\d\d)\b")
OF_OLDER_GUIDES = {"3.10", "18"}  # `docs/differences.md`


def disagreements(template: Template, versions: dict[str, Any]) -> Iterator[str]:
    """Yield a sentence for each version that does not agree with the table."""
    names = tracked_texts(template.root)
    for line in PLACES.strip().splitlines():
        files, _, text = (part.strip() for part in line.partition(" | "))
        pattern = re.escape(text)
        expected = tuple(_look_up(versions, key) for key in PLACEHOLDER.findall(pattern))
        regex = PLACEHOLDER.sub(lambda _: VERSION, pattern)
        matches = [
            (name, match)
            for name in fnmatch.filter(names, files.replace("@", PROJECT_FOLDER))
            for match in re.finditer(regex, _read(template, name))
        ]
        if not matches:
            yield f"{files} has no text like {text}: correct the list of places"
        for name, match in matches:
            if match.groups() != expected:
                yield f"{name}: {match[0]} should name {', '.join(expected)}"


def _look_up(versions: dict[str, Any], key: str) -> str:
    name, _, part = key.replace("\\", "").partition(".")
    if not part:
        return versions[name]
    return versions[name]["azure"] if part == "azure" else versions[name]["development"][int(part)]


def _read(template: Template, name: str) -> str:
    return (template.root / name).read_bytes().decode("utf-8")


def unknown_versions(template: Template, versions: dict[str, Any]) -> Iterator[str]:
    """Yield each mention of a version of Python or Node.js that the table does not have."""
    known = {*versions["python"]["development"], *versions["node"]["development"]}
    for name in tracked_texts(template.root):
        if name.startswith((PROJECT_FOLDER, "README.md", "docs/", "templates/")):
            for match in MENTION.finditer(_read(template, name)):
                if (match[1] or match[2]) not in known | OF_OLDER_GUIDES:
                    yield f"{name}: {match[0]} is not in the table of versions"


def support_warnings(versions: dict[str, Any], today: date) -> Iterator[tuple[bool, str]]:
    """Yield whether support has ended, and a sentence, for each version that ends within months."""
    for runtime, facts in versions.items():
        for version, end in facts["end_of_support"].items() if isinstance(facts, dict) else ():
            left = date.fromisoformat(end) - today
            if left < WARNING_TIME:
                yield left < timedelta(0), f"{runtime} {version} is supported until {end}"
