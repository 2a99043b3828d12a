"""Refuses bad answers before anything is written: every problem at once, each with the way out."""

from __future__ import annotations

import json
import os
import re
import sys

# What only a refusal needs is imported there: good answers, which are the rule, do not wait for it.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

SLUG = r"[a-z](?:[a-z0-9]|-(?=[a-z0-9])){2,31}"
TASK_HUB = r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*"
LOCATION = r"[a-z]+[a-z0-9]*"
CHOICE = r"[A-Za-z0-9.-]+"


def problems(answers: dict) -> list[str]:
    """Return one sentence for each answer that breaks a rule; it starts with the question's key.

    Args:
        answers: the context of cookiecutter: answers, derived names and settings.
    """
    # A user configuration can give any YAML value to any question.
    text = {key: value if isinstance(value, str) else "" for key, value in answers.items()}
    found = {
        question: _choice_problem(text[question]) for question in answers["_overlay_questions"]
    }
    found |= {
        "project_name": _line_problem(text["project_name"], 60),
        "project_slug": _slug_problem(text["project_slug"], answers["_reserved_slugs"]),
        "description": _line_problem(text["description"], 200),
        "azure_location": _location_problem(text["azure_location"]),
        "task_hub_name": _task_hub_problem(text["task_hub_name"]),
        "author_name": _line_problem(text["author_name"], 100),
    }
    if not found["language"]:
        found["language"] = _language_problem(answers)
    return [f"{question} {problem}" for question, problem in found.items() if problem]


def _choice_problem(choice: str) -> str | None:
    # Cookiecutter compares choices with cookiecutter.json, but not those of a replay file.
    return None if re.fullmatch(CHOICE, choice) else "must be one of the choices in the README."


def _language_problem(answers: dict) -> str | None:
    if answers["_worker_runtimes"].get(answers["language"]) == answers["__worker_runtime"]:
        return None
    return (
        "does not fit what was derived from it: a replay file repeats its answers and cannot change"
        " them. Give the answers as key=value instead."
    )


def _line_problem(text: str, longest: int) -> str | None:
    if 1 <= len(text) <= longest and text.isprintable() and text == text.strip():
        return None
    half = any("\ud800" <= character <= "\udfff" for character in text)
    return (
        f"must be one line of 1 to {longest} printable characters, without spaces at its ends,"
        " line breaks or invisible characters."
        + (" The terminal did not pass it as UTF-8: set PYTHONUTF8=1." if half else "")
    )


def _slug_problem(slug: str, reserved: list[str]) -> str | None:
    if not re.fullmatch(SLUG, slug):
        return (
            "must be 3 to 32 lower-case letters (a-z), digits or single hyphens, start with a"
            " letter and not end with a hyphen, as in order-workflow."
        )
    letters = slug.replace("-", "")  # the name of a storage account
    # Azure: "Resolve errors for reserved resource names".
    if (
        slug in reserved
        or slug.startswith("login")
        or "microsoft" in letters
        or "windows" in letters
    ):
        return (
            "must not be a name that Windows or Azure reserves, as con or azure, nor start"
            " with login, nor contain microsoft or windows: choose another, as in order-workflow."
        )
    return None


def _location_problem(location: str) -> str | None:
    # The shape only: new regions come, and provisioning asks Azure for the list of today.
    if len(location) <= 64 and re.fullmatch(LOCATION, location):
        return None
    return (
        "must be the short name of an Azure region, lower-case letters (a-z) and then digits, as in"
        " centralus. The Durable Task Scheduler is known to be in australiaeast, centralus,"
        " eastasia, eastus2, northcentralus, northeurope, southeastasia, swedencentral, uksouth,"
        " westus2."
    )


def _task_hub_problem(name: str) -> str | None:
    if 3 <= len(name) <= 64 and re.fullmatch(TASK_HUB, name):
        return None
    return (
        "must be 3 to 64 letters (A-Z, a-z), digits or single hyphens, and neither start nor end"
        " with a hyphen, as in default."
    )


def rerun_command(answers: dict, refused: set[str]) -> str:
    """Return the command that gives all answers again and asks nothing.

    Args:
        answers: the context of cookiecutter.
        refused: the questions whose answers stand as `...`, for the user to fill in.
    """
    import shlex
    import shutil
    import subprocess

    on_path = shutil.which("cookiecutter") is not None
    program = ["cookiecutter"] if on_path else [sys.executable, "-m", "cookiecutter"]
    options = ["--no-input", "--output-dir", _output_dir(answers)]
    if answers.get("_checkout"):
        options += ["--checkout", answers["_checkout"]]
    questions = [key for key in answers if not key.startswith("_")]
    literals = {key: _literal(str(answers[key])) for key in questions}
    pairs = [
        f"{key}={literal if key not in refused and _can_be_pasted(literal) else '...'}"
        for key, literal in literals.items()
    ]
    quote = subprocess.list2cmdline if os.name == "nt" else shlex.join
    return quote([*program, *options, answers["_template"], *pairs])


def _can_be_pasted(literal: str) -> bool:
    # The quotes are those of cmd.exe, and PowerShell reads these characters in another way.
    if os.name == "nt" and set(literal) & set('"$%`'):
        return False
    try:
        literal.encode(sys.stderr.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _output_dir(answers: dict) -> str:
    # cruft leaves it out
    return answers.get("_output_dir") or os.path.dirname(os.getcwd())


def _literal(answer: str) -> str:
    # Cookiecutter renders answers of the command line: what looks like a tag becomes a text in one.
    if "{" not in answer and "<#" not in answer:
        return answer
    return "{" * 2 + json.dumps(answer, ensure_ascii=False) + "}" * 2


def remove_made_parents(project: Path, output_dir: Path) -> None:
    """Remove the folders that cookiecutter made above the project, for a slug like `a/b`.

    It removes only `b`, and not before this hook has ended: so a process of its own waits for that,
    at most three seconds, and removes what is empty then. It holds stderr open: whoever reads the
    output to its end finds the folders gone.
    """
    import itertools
    import subprocess

    parents = [path for path in project.parents if path not in (output_dir, *output_dir.parents)]
    made = list(itertools.takewhile(_was_made_just_now, parents))
    if not made:
        return
    program = (
        "import os, sys, time\n"
        "project, *parents = sys.argv[1:]\n"
        "for _ in range(300):\n"
        "    if not os.path.exists(project): break\n"
        "    time.sleep(0.01)\n"
        "try:\n"
        "    for parent in parents: os.rmdir(parent)\n"
        "except OSError: pass\n"
    )
    subprocess.Popen([sys.executable, "-c", program, project, *made], cwd=output_dir)


def _was_made_just_now(folder: Path) -> bool:
    import time

    # Linux tells no time of birth, but to make a folder in a folder does not count as an access.
    status = folder.stat()
    return time.time() - getattr(status, "st_birthtime", status.st_atime) < 5


def main(answers: dict) -> int:
    """Print what is wrong with the answers, if anything, and return the exit code."""
    if "__prompts__" in answers:  # Versions that know prompts keep them out of the context.
        print("This template needs cookiecutter 2.2 or newer: please upgrade it.", file=sys.stderr)
        return 1
    found = problems(answers)
    if not found:
        return 0
    from pathlib import Path

    remedy = "Correct the answers, then run cruft again."
    if "_output_dir" in answers:
        command = rerun_command(answers, {problem.split()[0] for problem in found})
        remedy = f"Fill in each ... and run:\n{command}"
    print(*found, f"\nNo project was written. {remedy}", sep="\n", file=sys.stderr)
    remove_made_parents(Path.cwd(), Path(_output_dir(answers)).resolve())
    return 1


if __name__ == "__main__":
    # Rendered by cookiecutter: the answers arrive as data, never as code.
    sys.exit(main(json.loads(r"""{{ cookiecutter | tojson }}""")))
