"""Refuses bad answers before anything is written: every problem at once, each with the way out."""

import json
import os
import re
import sys

LINE = (
    "must be one line of 1 to {} printable characters, without spaces at its ends, line breaks or"
    " invisible characters."
)
REPLAYED = (
    "does not fit what was derived from it: a replay file repeats its answers and cannot change"
    " them. Give the answers as key=value instead."
)


def problems(answers: dict) -> list[str]:
    """Return one sentence for each answer that breaks a rule; it starts with the question's key."""
    # A user configuration can give any YAML value to any question.
    text = {key: value if isinstance(value, str) else "" for key, value in answers.items()}
    found = {key: _line_problem(text[key], longest) for key, longest in answers["_longest"].items()}
    if is_reserved(text["project_slug"], answers["_reserved"]["parts"]):
        found["project_slug"] = answers["_reserved"]["message"]
    for question, rule in answers["_rules"].items():
        if not re.fullmatch(rule["pattern"], text[question]):
            found[question] = rule["message"]
    if answers["_languages"].get(text["language"], {}).get("name") != answers["__language_name"]:
        found["language"] = REPLAYED
    for question in answers["_overlay_questions"]:
        # Cookiecutter compares choices with cookiecutter.json, but not those of a replay file.
        if not re.fullmatch(r"[A-Za-z0-9.-]+", text[question]):
            found[question] = "must be one of the choices in the README."
    return [f"{question} {found[question]}" for question in answers if found.get(question)]


def _line_problem(text: str, longest: int) -> str:
    if 1 <= len(text) <= longest and text.isprintable() and text == text.strip():
        return ""
    undecoded = any("\ud800" <= character <= "\udfff" for character in text)
    hint = " The terminal did not pass it as UTF-8: set PYTHONUTF8=1." if undecoded else ""
    return LINE.format(longest) + hint


def is_reserved(slug: str, reserved: list[str]) -> bool:
    """Return whether a slug, or the storage account named after it, has a reserved part."""
    return any(part in f"^{slug}$ {slug.replace('-', '')}" for part in reserved)


def rerun_command(answers: dict, refused: set[str]) -> str:
    """Return the command that repeats all answers, with `...` for those that were refused."""
    import shlex  # only a refusal needs these
    import shutil
    import subprocess

    on_path = shutil.which("cookiecutter") is not None
    program = ["cookiecutter"] if on_path else [sys.executable, "-m", "cookiecutter"]
    options = ["--no-input", "--output-dir", answers["_output_dir"]]
    options += ["--checkout", answers["_checkout"]] if answers.get("_checkout") else []
    literals = {key: _literal(str(answers[key])) for key in answers if not key.startswith("_")}
    pairs = [
        f"{key}={literal if key not in refused and _can_be_pasted(literal) else '...'}"
        for key, literal in literals.items()
    ]
    quote = subprocess.list2cmdline if os.name == "nt" else shlex.join
    return quote([*program, *options, answers["_template"], *pairs])


def _literal(answer: str) -> str:
    # Cookiecutter renders answers of the command line: what looks like a tag becomes a text in one.
    if "{" not in answer and "<#" not in answer:
        return answer
    return "{" * 2 + json.dumps(answer, ensure_ascii=False) + "}" * 2


def _can_be_pasted(literal: str) -> bool:
    # The quotes are those of cmd.exe; PowerShell reads these characters differently.
    if os.name == "nt" and set(literal) & set('"$%`'):
        return False
    encoding = sys.stderr.encoding or "utf-8"
    return literal == literal.encode(encoding, errors="replace").decode(encoding)


def main(answers: dict) -> int:
    """Print what is wrong with the answers, if anything, and return the exit code."""
    if "__prompts__" in answers:  # versions that support prompts keep them out of the context
        print("This template needs cookiecutter 2.2 or newer: please upgrade it.", file=sys.stderr)
        return 1
    found = problems(answers)
    if not found:
        return 0
    remedy = "Correct the answers, then run cruft again."
    if "_output_dir" in answers:  # cruft leaves it out
        command = rerun_command(answers, {problem.split()[0] for problem in found})
        remedy = f"Fill in each ... and run:\n{command}"
    print(*found, f"\nNo project was written. {remedy}", sep="\n", file=sys.stderr)
    return 1


if __name__ == "__main__":
    # Cookiecutter renders this line. The answers arrive as data, never as code, in their order.
    sys.exit(main(dict(json.loads(r"""{{ cookiecutter.items() | list | tojson }}"""))))
