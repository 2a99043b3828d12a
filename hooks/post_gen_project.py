"""Merges the chosen overlays into the project and prints the next steps.

An overlay is a folder of `_overlays/`, named after the choices that it needs, joined by `+`.
"""

# Only os: to import pathlib, shutil and json takes longer than all the work of this hook.
import os
import sys

OVERLAYS = "_overlays"


def chosen_files(chosen: set[str]) -> dict[str, str]:
    """Return where each file of the overlays that apply goes, and where it is now.

    Args:
        chosen: the answers to all questions that offer choices.

    Raises:
        SystemExit: two overlays that apply own the same path.
    """
    files: dict[str, str] = {}
    for name in sorted(os.listdir(OVERLAYS)):
        if not set(name.split("+")) <= chosen:
            continue
        overlay = os.path.join(OVERLAYS, name)
        for source in files_below(overlay):
            target = os.path.relpath(source, overlay)
            if target in files:
                sys.exit(f"{target} is in two overlays: {files[target]} and {source}")
            files[target] = source
    return files


def files_below(folder: str) -> list[str]:
    """Return the paths of all files in a folder and its subfolders."""
    return [os.path.join(parent, name) for parent, _, names in os.walk(folder) for name in names]


def merge(files: dict[str, str]) -> None:
    """Move the files up into the project, over those of an earlier run, and drop the overlays."""
    for target, source in files.items():
        os.makedirs(os.path.dirname(target) or ".", exist_ok=True)
        os.replace(source, target)
    for parent, _, names in os.walk(OVERLAYS, topdown=False):
        for name in names:
            os.remove(os.path.join(parent, name))
        os.rmdir(parent)


def make_local_settings(src: str) -> None:
    """Give the project the settings for a local run, but never overwrite those of a user."""
    settings, example = f"{src}/local.settings.json", f"{src}/local.settings.example.json"
    with open(example, "rb") as file:
        wanted = file.read()
    if not os.path.exists(settings):
        with open(settings, "wb") as file:
            file.write(wanted)
        return
    with open(settings, "rb") as file:
        if file.read() != wanted:
            say(f"Kept your {settings}: compare it with {example}.")


def say(line: str) -> None:
    """Print a line, if anybody listens: a hook that fails removes the whole project."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.reconfigure(errors="replace")  # a console may not know a letter of a path
        print(line, flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the exit fails, too


def main(chosen: set[str], in_place: bool) -> None:
    """Complete the project in the current folder.

    Args:
        chosen: the answers to all questions that offer choices.
        in_place: whether the project stays here. Cruft copies it from here.
    """
    merge(chosen_files(chosen))
    make_local_settings("src")
    if in_place:
        say(f"Next: open {os.path.abspath('README.md')}; its first commands test the project.")


# Rendered by cookiecutter. The pre_gen hook has let plain words pass only.
CHOICES = """
{% for question in cookiecutter._overlay_questions %}
{{ cookiecutter[question] }}
{% endfor %}
"""
OUTPUT_DIR_IS_KNOWN = "{{ cookiecutter._output_dir is defined }}"

if __name__ == "__main__":
    main(set(CHOICES.split()), in_place=OUTPUT_DIR_IS_KNOWN == "True")
