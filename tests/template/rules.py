"""The rules of the template, each a function that returns one sentence per violation.

`docs/maintaining.md` explains them. None of them bakes a project.
"""

import fnmatch
import itertools
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from template import (
    ALONE,
    PROJECT_FOLDER,
    Overlay,
    Template,
    files_below,
    tracked_files,
)

LONGEST_PATH = 120  # leaves half of the 260 characters of Windows for the folder around the project
ILLEGAL_ON_WINDOWS = re.compile(
    r'[<>:"|?*\\\x00-\x1f]|[. ]$|^(con|prn|aux|nul|com[1-9]|lpt[1-9])(\.|$)', re.IGNORECASE
)
COMMIT = re.compile(r"\b[0-9a-f]{40}\b")


def choices_are_unique(template: Template) -> Iterator[str]:
    """A choice names its overlay, so two questions cannot share one."""
    for first, second in itertools.combinations(template.choices, 2):
        for choice in sorted(set(template.choices[first]) & set(template.choices[second])):
            yield f"{choice} is a choice of {first} and of {second}"


def questions_are_explained(template: Template) -> Iterator[str]:
    """Each question has a prompt, each choice a label, and nothing else has."""
    prompts = template.context["__prompts__"]
    for question in sorted(prompts.keys() ^ template.questions.keys()):
        yield f"{question} has a prompt or a question, but not both"
    for question, choices in template.choices.items():
        labels = prompts.get(question)
        if not isinstance(labels, dict) or labels.keys() != {"__prompt__", *choices}:
            yield f"the labels of {question} are not those of its choices"


def overlay_questions_are_those_with_choices(template: Template) -> Iterator[str]:
    """The hook asks `_overlay_questions` which answers select overlays."""
    if template.context["_overlay_questions"] != list(template.choices):
        yield f"_overlay_questions must be {list(template.choices)}"


def overlays_name_choices(template: Template) -> Iterator[str]:
    """An overlay is named after choices of different questions: else nobody can select it."""
    for name, overlay in template.overlays.items():
        for choice in overlay.choices:
            if template.question_of(choice) is None:
                yield f"{name}: no question offers {choice}"
        questions = [template.question_of(part[0]) for part in overlay.parts]
        if len(set(questions)) < len(questions):
            yield f"{name}: two parts are about one question, so nobody can select it"


def alternatives_are_some_choices_of_a_question(template: Template) -> Iterator[str]:
    """Alternatives of different questions, or all of one question, mean something else."""
    for name, overlay in template.overlays.items():
        for part in overlay.parts:
            questions = {template.question_of(choice) for choice in part}
            if len(questions) > 1:
                yield f"{name}: {', '.join(part)} are not choices of one question"
            elif len(part) > 1 and part != _in_order(template, part):
                yield f"{name}: alternatives are in the order of cookiecutter.json, each once"
            elif len(part) > 1 and len(part) == len(template.choices[questions.pop()]):
                yield f"{name}: {', '.join(part)} are all choices, so the part selects nothing"


def _in_order(template: Template, choices: list[str]) -> list[str]:
    offered = template.choices.get(template.question_of(choices[0]) or "", [])
    return [choice for choice in offered if choice in choices]


def overlays_of_lone_questions_are_not_combined(template: Template) -> Iterator[str]:
    """So the tests combine their choices with nothing."""
    for name, overlay in template.overlays.items():
        lone = [choice for choice in overlay.choices if template.question_of(choice) in ALONE]
        if lone and len(overlay.parts) > 1:
            yield f"{name} combines a choice of {' or '.join(ALONE)}, which tests bake alone"


def patterns_are_complete(template: Template) -> Iterator[str]:
    """Each language has each pattern, with the files that its default pattern has at least."""
    default, *others = template.choices["pattern"]
    for language, pattern in itertools.product(template.choices["language"], others):
        missing = _files_of(template, language, default) - _files_of(template, language, pattern)
        for path in sorted(missing):
            yield f"{pattern} in {language} lacks {path}, which {default} has"


def _files_of(template: Template, language: str, pattern: str) -> set[str]:
    """Return the files that a pattern gives to the projects of a language.

    Recorded histories count as their folder: each pattern has its own.
    """
    applicable = template.applicable({"language": language, "pattern": pattern})
    overlays = [overlay for overlay in applicable if pattern in overlay.choices]
    paths = [path for overlay in overlays for path in overlay.files()]
    return {(p.parent if p.parent.name == "histories" else p).as_posix() for p in paths}


def paths_have_one_owner(template: Template) -> Iterator[str]:
    """Overlays that can apply together share no path, nor do they with the shared tree.

    Paths that differ by case only are one path on Windows and macOS.
    """
    overlays = list(template.overlays.values())
    owned = {overlay.name: _folded(overlay.files()) for overlay in overlays}
    shared = _folded(template.shared_files())
    for name, paths in owned.items():
        for path in sorted(shared & paths):
            yield f"{path} is in the shared tree and in {name}"
    for first, second in itertools.combinations(overlays, 2):
        if _apply_together(template, first, second):
            for path in sorted(owned[first.name] & owned[second.name]):
                yield f"{path} is in {first.name} and in {second.name}"


def _folded(paths: Iterator[Path]) -> set[str]:
    return {path.as_posix().casefold() for path in paths}


def _apply_together(template: Template, first: Overlay, second: Overlay) -> bool:
    wanted = {template.question_of(part[0]): set(part) for part in first.parts}
    return all(
        wanted.get(template.question_of(part[0]), set(part)) & set(part) for part in second.parts
    )


def directory_names_are_plain(template: Template) -> Iterator[str]:
    """A directory whose name renders to nothing would be written to the filesystem root."""
    for path in template.project.rglob("*"):
        if path.is_dir() and ("{%" in path.name or "{{" in path.name):
            yield f"{path.relative_to(template.root).as_posix()} has a tag in its name"


def paths_are_portable(template: Template) -> Iterator[str]:
    """Windows must be able to check out the template and to hold the project."""
    for path in template.project.rglob("*"):
        relative = path.relative_to(template.project)
        if ILLEGAL_ON_WINDOWS.search(path.name):
            yield f"{relative.as_posix()} has a name that Windows does not allow"
        if len(relative.as_posix()) > LONGEST_PATH:
            yield f"{relative.as_posix()} is longer than {LONGEST_PATH} characters"
        if path.is_symlink():
            yield f"{relative.as_posix()} is a symbolic link: cookiecutter does not keep those"


def project_folder_is_tracked(template: Template) -> Iterator[str]:
    """Cookiecutter bakes whatever lies in the folder, tracked or not."""
    tracked = set(tracked_files(template.root))
    for path in files_below(template.project):
        if f"{PROJECT_FOLDER}/{path.as_posix()}" not in tracked:
            yield f"{path.as_posix()} is not tracked by git, but would be baked"


def copied_directories_are_overlays(template: Template) -> Iterator[str]:
    """Elsewhere, `-f` deletes a copied directory first, with what the user has added to it."""
    patterns = template.context["_copy_without_render"]
    for path in template.project.rglob("*"):
        relative = PurePosixPath(path.relative_to(template.project).as_posix())
        if path.is_dir() and relative.parts[0] != "_overlays":
            for pattern in patterns:
                if fnmatch.fnmatch(str(relative), pattern):
                    yield f"{pattern} copies the directory {relative}, which is not _overlays"


def files_are_in_the_folder_of_their_kind(template: Template) -> Iterator[str]:
    """`_overlays` is copied, so a tag in it would reach the user; `_rendered` has a tag in each."""
    for overlay in template.overlays.values():
        rendered = overlay.path.parent.name == "_rendered"
        for path in overlay.files():
            text = (overlay.path / path).read_bytes().decode("utf-8", errors="replace")
            if ("cookiecutter" in text or "{%" in text) != rendered:
                kind = "has no answer" if rendered else "has a tag"
                yield f"{overlay.name}/{path.as_posix()} {kind}: move it to the other folder"


def copy_patterns_are_used(template: Template) -> Iterator[str]:
    """A pattern that matches nothing is a typing error."""
    paths = [path.relative_to(template.project).as_posix() for path in template.project.rglob("*")]
    for pattern in template.context["_copy_without_render"]:
        if not fnmatch.filter(paths, pattern):
            yield f"{pattern} matches no file"


def last_release(root: Path) -> str:
    """Return the commit of the last release, or nothing in a template without releases."""
    file = root / "pyproject.toml"
    project = tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return project.get("tool", {}).get("releases", {}).get("last", "")


def commits_are_pinned_ones(template: Template) -> Iterator[str]:
    """Only the commits of `tests/data/action-pins.json` may be written anywhere.

    The other one is the commit of the last release: tests/generation/test_updates.py bakes it.
    """
    pins = (template.root / "tests/data/action-pins.json").read_text(encoding="utf-8")
    pins += last_release(template.root)
    for name in tracked_files(template.root):
        text = (template.root / name).read_bytes().decode("utf-8", errors="replace")
        for commit in sorted(set(COMMIT.findall(text))):
            if commit not in pins:
                yield f"{name} has the commit {commit}, which is not a pinned one"


RULES: list[Callable[[Template], Iterator[str]]] = [
    choices_are_unique,
    questions_are_explained,
    overlay_questions_are_those_with_choices,
    overlays_name_choices,
    alternatives_are_some_choices_of_a_question,
    overlays_of_lone_questions_are_not_combined,
    patterns_are_complete,
    paths_have_one_owner,
    directory_names_are_plain,
    paths_are_portable,
    project_folder_is_tracked,
    copied_directories_are_overlays,
    files_are_in_the_folder_of_their_kind,
    copy_patterns_are_used,
    commits_are_pinned_ones,
]
