"""The template as data: its questions, overlays and files, read from a checkout."""

import itertools
import json
import subprocess
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

PROJECT_FOLDER = "{{cookiecutter.project_slug}}"
ALONE = {"license"}  # questions whose choices change nothing that another question changes


class Template:
    """A template folder with `cookiecutter.json` and a project folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.project = root / PROJECT_FOLDER
        self.overlays_folder = self.project / "_overlays"

    @cached_property
    def context(self) -> dict:
        """The content of `cookiecutter.json`."""
        return json.loads((self.root / "cookiecutter.json").read_text(encoding="utf-8"))

    @property
    def questions(self) -> dict[str, str | list[str]]:
        """The default, or the list of choices, of each question."""
        return {key: value for key, value in self.context.items() if not key.startswith("_")}

    @property
    def choices(self) -> dict[str, list[str]]:
        """The choices of each question that offers some."""
        return {key: value for key, value in self.questions.items() if isinstance(value, list)}

    @property
    def overlays(self) -> dict[str, Path]:
        """The folder of each overlay by name."""
        return {folder.name: folder for folder in sorted(self.overlays_folder.iterdir())}

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

    def applicable(self, variant: dict[str, str]) -> list[str]:
        """Return the names of the overlays that a combination of choices selects."""
        return [name for name in self.overlays if set(name.split("+")) <= set(variant.values())]

    def shared_files(self) -> Iterator[Path]:
        """Yield the path in the project of each file that every project gets."""
        for path in files_below(self.project):
            if path.parts[0] != "_overlays":
                yield path

    def expected_files(self, variant: dict[str, str]) -> set[str]:
        """Return the exact files of a project: shared, overlays, and the user's own settings."""
        paths = {path.as_posix() for path in self.shared_files()}
        for name in self.applicable(variant):
            paths |= {path.as_posix() for path in files_below(self.overlays[name])}
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


TEMPLATE = Template(Path(__file__).parents[1])
