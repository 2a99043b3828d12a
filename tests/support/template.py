"""The template as data: its questions, overlays and files, read from a checkout."""

import itertools
import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

PROJECT_FOLDER = "{{cookiecutter.project_slug}}"
OVERLAY_FOLDERS = ("_overlays", "_rendered")
ALONE = {"license"}  # questions whose choices change nothing that another question changes


@dataclass(frozen=True)
class Overlay:
    """A folder of files that a combination of choices adds to a project.

    Args:
        path: its folder. The name joins parts by `+`, and the alternatives of a part by `,`.
    """

    path: Path

    @property
    def name(self) -> str:
        """The folder and the choices, as in `_overlays/python`."""
        return f"{self.path.parent.name}/{self.path.name}"

    @property
    def parts(self) -> list[list[str]]:
        """The alternatives of each part of the name."""
        return [part.split(",") for part in self.path.name.split("+")]

    @property
    def choices(self) -> list[str]:
        """Every choice that the name mentions."""
        return [choice for part in self.parts for choice in part]

    def applies(self, chosen: set[str]) -> bool:
        """Return whether an alternative of each part was chosen."""
        return all(chosen & set(part) for part in self.parts)

    def files(self) -> Iterator[Path]:
        """Yield the path in the project of each file."""
        return files_below(self.path)


class Template:
    """A template folder with `cookiecutter.json` and a project folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.project = root / PROJECT_FOLDER

    @cached_property
    def context(self) -> dict:
        """The content of `cookiecutter.json`."""
        return json.loads((self.root / "cookiecutter.json").read_text(encoding="utf-8"))

    @cached_property
    def documents(self) -> dict[str, str]:
        """The text of each document of the repository itself, by path."""
        names = [name for name in tracked_files(self.root) if name.endswith(".md")]
        return {
            name: (self.root / name).read_text(encoding="utf-8")
            for name in names
            if not name.startswith(("templates/", PROJECT_FOLDER))
        }

    @property
    def questions(self) -> dict[str, str | list[str]]:
        """The default, or the list of choices, of each question."""
        return {key: value for key, value in self.context.items() if not key.startswith("_")}

    @property
    def choices(self) -> dict[str, list[str]]:
        """The choices of each question that offers some."""
        return {key: value for key, value in self.questions.items() if isinstance(value, list)}

    @cached_property
    def overlays(self) -> dict[str, Overlay]:
        """Each overlay by name, as in `_overlays/python`."""
        folders = [self.project / folder for folder in OVERLAY_FOLDERS]
        paths = [path for folder in folders if folder.is_dir() for path in folder.iterdir()]
        return {overlay.name: overlay for overlay in map(Overlay, sorted(paths))}

    def question_of(self, choice: str) -> str | None:
        """Return the question that offers a choice."""
        return next((key for key, values in self.choices.items() if choice in values), None)

    @property
    def defaults(self) -> dict[str, str]:
        """The first choice of each question."""
        return {question: values[0] for question, values in self.choices.items()}

    def variants(self) -> list[dict[str, str]]:
        """Return every combination of choices; those of `ALONE` only with the other defaults."""
        combined = {key: values for key, values in self.choices.items() if key not in ALONE}
        combinations = itertools.product(*combined.values())
        return [
            self.defaults | dict(zip(combined, values, strict=True)) for values in combinations
        ] + [
            self.defaults | {question: choice}
            for question in self.choices.keys() - combined.keys()
            for choice in self.choices[question][1:]
        ]

    def default_variants(self) -> list[dict[str, str]]:
        """Return the default variant of each language."""
        return [self.code_variants(language)[0] for language in self.choices["language"]]

    def near_variants(self) -> list[dict[str, str]]:
        """Return the variants that differ from the defaults in one choice at most."""
        defaults = self.defaults.items()
        return [variant for variant in self.variants() if len(variant.items() - defaults) <= 1]

    def code_variants(self, language: str) -> list[dict[str, str]]:
        """Return each variant of the app in a language: what other choices change is not code."""
        return [
            self.defaults | {"language": language, "pattern": pattern}
            for pattern in self.choices["pattern"]
        ]

    def applicable(self, variant: dict[str, str]) -> list[Overlay]:
        """Return the overlays that a combination of choices selects."""
        chosen = set(variant.values())
        return [overlay for overlay in self.overlays.values() if overlay.applies(chosen)]

    def contract(self, pattern: str) -> dict[str, Any]:
        """Return the contract of a pattern: its functions, and orders with their outcomes."""
        path = self.project / "_overlays" / pattern / "requests/contract.json"
        return json.loads(path.read_text(encoding="utf-8"))

    def shared_files(self) -> Iterator[Path]:
        """Yield the path in the project of each file that every project gets."""
        for path in files_below(self.project):
            if path.parts[0] not in OVERLAY_FOLDERS:
                yield path

    def expected_files(self, variant: dict[str, str]) -> set[str]:
        """Return the exact files of a project: shared, overlays, and the user's own settings."""
        paths = {path.as_posix() for path in self.shared_files()}
        for overlay in self.applicable(variant):
            paths |= {path.as_posix() for path in overlay.files()}
        return paths | {"src/local.settings.json"}


def files_below(folder: Path) -> Iterator[Path]:
    """Yield the path of each file below a folder, relative to it."""
    for path in sorted(folder.rglob("*")):
        if not path.is_dir():
            yield path.relative_to(folder)


def tracked_files(root: Path) -> list[str]:
    """Return what git tracks in a checkout, as paths relative to it."""
    command = ["git", "ls-files", "-z", "--full-name"]
    listed = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True)
    return listed.stdout.rstrip("\0").split("\0")


def tracked_texts(root: Path) -> list[str]:
    """Return what git tracks in a checkout, without pictures."""
    return [name for name in tracked_files(root) if not name.endswith(".png")]


TEMPLATE = Template(Path(__file__).parents[2])
