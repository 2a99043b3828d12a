"""Merges the chosen overlays into the project and prints the next steps.

An overlay is a folder of `_overlays/`, named after the choices that it needs, joined by `+`.
"""

import json
import shutil
import sys
from pathlib import Path

OVERLAYS = Path("_overlays")


def chosen_files(chosen: set[str]) -> dict[Path, Path]:
    """Return where each file of the overlays that apply goes, and where it is now.

    Args:
        chosen: the answers to all questions that offer choices.

    Raises:
        SystemExit: two overlays that apply own the same path.
    """
    files: dict[Path, Path] = {}
    for overlay in sorted(OVERLAYS.iterdir()):
        if not set(overlay.name.split("+")) <= chosen:
            continue
        for source in sorted(path for path in overlay.rglob("*") if not path.is_dir()):
            target = source.relative_to(overlay)
            if target in files:
                sys.exit(f"{target.as_posix()} is in two overlays: {files[target]} and {source}")
            files[target] = source
    return files


def merge(files: dict[Path, Path]) -> None:
    """Move the files up into the project, over those of an earlier run, and drop the overlays."""
    for target, source in files.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        source.replace(target)
    shutil.rmtree(OVERLAYS)


def make_local_settings(src: Path) -> None:
    """Give the project the settings for a local run, but never overwrite those of a user."""
    example, settings = src / "local.settings.example.json", src / "local.settings.json"
    if not settings.exists():
        shutil.copyfile(example, settings)
    elif settings.read_bytes() != example.read_bytes():
        print(f"Kept your {settings.as_posix()}: compare it with {example.as_posix()}.")


def main(answers: dict) -> None:
    """Complete the project in the current folder."""
    merge(chosen_files({answers[question] for question in answers["_overlay_questions"]}))
    make_local_settings(Path("src"))
    sys.stdout.reconfigure(errors="replace")  # a console of Windows may not know a letter of a path
    print(f"Next: open {Path('README.md').resolve()}; its first commands test the project.")


if __name__ == "__main__":
    main(json.loads(r"""{{ cookiecutter | tojson }}"""))
