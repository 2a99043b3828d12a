"""Merges the chosen overlays into the project and prints the next step.

An overlay is a folder of `_overlays/` (copied) or `_rendered/` (rendered). Its name lists the
choices that it needs, joined by `+`; choices joined by `,` are alternatives.
"""

# Only os and sys: importing pathlib, shutil and json takes longer than all the work of this hook.
import os
import sys

FOLDERS = ("_overlays", "_rendered")


def applies(overlay: str, chosen: set[str]) -> bool:
    """Return whether an alternative of each part of an overlay's name is among the choices."""
    return all(chosen.intersection(part.split(",")) for part in overlay.split("+"))


def chosen_files(chosen: set[str]) -> dict[str, str]:
    """Return where each file of the overlays that apply is now, by its path in the project.

    Raises:
        SystemExit: two overlays that apply own the same path.
    """
    files: dict[str, str] = {}
    for folder in FOLDERS:
        for overlay in filter(lambda name: applies(name, chosen), sorted(os.listdir(folder))):
            for source in files_below(os.path.join(folder, overlay)):
                target = os.path.relpath(source, os.path.join(folder, overlay))
                if target in files:
                    sys.exit(f"{target} is in two overlays: {files[target]} and {source}")
                files[target] = source
    return files


def files_below(folder: str) -> list[str]:
    """Return the paths of all files in a folder and its subfolders."""
    return [os.path.join(parent, name) for parent, _, names in os.walk(folder) for name in names]


def merge(files: dict[str, str]) -> None:
    """Move the files up into the project, over those of an earlier run, and remove the overlays."""
    for target, source in files.items():
        os.makedirs(os.path.dirname(target) or ".", exist_ok=True)
        os.replace(source, target)
    for folder in FOLDERS:
        for parent, _, names in os.walk(folder, topdown=False):
            for name in names:
                os.remove(os.path.join(parent, name))
            os.rmdir(parent)


def create_local_settings(src: str) -> None:
    """Give the project the settings for a local run, but never overwrite those of a user."""
    settings, example = f"{src}/local.settings.json", f"{src}/local.settings.example.json"
    with open(example, "rb") as source, open(settings, "a+b") as target:
        wanted = source.read()
        target.seek(0)
        current = target.read()
        if not current:
            target.write(wanted)
        elif current != wanted:
            say(f"Kept your {settings}: compare it with {example}.")


def say(line: str) -> None:
    """Print a line if standard output is open: a hook that fails removes the whole project."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.reconfigure(errors="replace")  # for letters that the console cannot show
        print(line, flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the exit fails, too


def main(chosen: set[str], in_place: bool) -> None:
    """Complete the project in the current folder; cruft moves it, so `in_place` is false there."""
    merge(chosen_files(chosen))
    create_local_settings("src")
    if in_place:
        say(f"Next: open {os.path.abspath('README.md')}; its first commands test the project.")


# Cookiecutter renders these lines. The pre_gen hook lets only plain words pass.
CHOICES = "{% for key in cookiecutter._overlay_questions %}{{ cookiecutter[key] }} {% endfor %}"
OUTPUT_DIR_IS_KNOWN = "{{ cookiecutter._output_dir is defined }}"

if __name__ == "__main__":
    main(set(CHOICES.split()), in_place=OUTPUT_DIR_IS_KNOWN == "True")
