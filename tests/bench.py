"""Measures the budgets of docs/performance.md and prints them as a table.

Times of one machine at one moment say little, so what can be a ratio is one: this template and a
template of one file take turns in the same run.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from cookiecutter.main import cookiecutter

from bakery import Project
from shell import node_folder, run_in_bash
from template import PROJECT_FOLDER, TEMPLATE, tracked_files

MEMORY = Path("/dev/shm")
ADDED_OVERLAYS = 100
FILES_PER_OVERLAY = 3


def seconds(action: Callable[[], object]) -> float:
    """Return how long an action takes, in seconds."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def one_file_template(folder: Path) -> Path:
    """Make the smallest template that cookiecutter bakes, and return its folder."""
    (folder / PROJECT_FOLDER).mkdir(parents=True)
    (folder / PROJECT_FOLDER / "README.md").write_text("# {{ cookiecutter.project_slug }}\n")
    (folder / "cookiecutter.json").write_text('{"project_slug": "one-file"}\n')
    return folder


def copy_of_this_template(folder: Path) -> Path:
    """Copy what git tracks, without caches and environments, and return the folder."""
    for name in tracked_files(TEMPLATE.root):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(TEMPLATE.root / name, target)
    return folder


def add_overlays(template: Path) -> None:
    """Add copied overlays that no answer selects: what a template with many choices looks like."""
    for number in range(ADDED_OVERLAYS):
        overlay = template / PROJECT_FOLDER / "_overlays" / f"csharp+extra-{number}" / "src"
        overlay.mkdir(parents=True)
        for name in range(FILES_PER_OVERLAY):
            (overlay / f"File{name}.cs").write_text("// A line of source code.\n" * 100)


@contextmanager
def quiet() -> Iterator[None]:
    """Drop what this process and its hooks print, which bypasses `sys.stdout`."""
    sys.stdout.flush()
    saved, devnull = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, 1)
    try:
        yield
    finally:
        os.dup2(saved, 1)
        os.close(saved)
        os.close(devnull)


@contextmanager
def scratch(parent: Path | None = None) -> Iterator[Path]:
    """Yield a folder that is removed afterwards."""
    with tempfile.TemporaryDirectory(dir=parent) as folder:
        yield Path(folder)


def cli(template: Path, output: Path) -> float:
    """Return the seconds of one run of the command line, which starts an interpreter."""
    shutil.rmtree(output, ignore_errors=True)
    command = [sys.executable, "-m", "cookiecutter", "--no-input", "-o", output, template]
    return seconds(lambda: subprocess.run(command, check=True, capture_output=True))


def in_process(template: Path, output: Path, rounds: int) -> float:
    """Return the median seconds of a bake without the start of an interpreter, hooks included."""
    times = []
    for _ in range(rounds):
        shutil.rmtree(output, ignore_errors=True)
        with quiet():
            bake = partial(cookiecutter, str(template), no_input=True, output_dir=str(output))
            times.append(seconds(bake))
    return statistics.median(times)


def command_line_ratio(rounds: int) -> str:
    """Compare the command on this template with the command on a one-file template."""
    with scratch() as folder:
        ours = copy_of_this_template(folder / "ours")
        small = one_file_template(folder / "small")
        pairs = [(cli(ours, folder / "a"), cli(small, folder / "b")) for _ in range(rounds + 1)]
    ratio = statistics.median(mine / other for mine, other in pairs[1:])  # the first warms up
    mine, other = (statistics.median(times) for times in zip(*pairs[1:], strict=True))
    return f"{ratio:.2f} ({mine * 1000:.0f} ms ÷ {other * 1000:.0f} ms)"


def bake_times(rounds: int) -> dict[str, str]:
    """Measure in-process bakes in memory and on disk, and what an added file costs."""
    rows = {}
    for place, parent in (("memory", MEMORY if MEMORY.exists() else None), ("disk", None)):
        with scratch(parent) as folder:
            template = copy_of_this_template(folder / "template")
            plain = in_process(template, folder / "out", rounds)
            add_overlays(template)
            more = in_process(template, folder / "out", rounds)
        per_file = (more - plain) / (ADDED_OVERLAYS * FILES_PER_OVERLAY)
        rows[f"in-process bake, {place}"] = f"{plain * 1000:.0f} ms"
        rows[f"each file of an overlay that was not chosen, {place}"] = f"{per_file * 1000:.2f} ms"
    return rows


def command_to_green(answers: str) -> str:
    """Generate a project, then run the install, test and lint commands of its README, warm."""
    with scratch() as folder:
        generate = [sys.executable, "-m", "cookiecutter", "--no-input", "-o", ".", TEMPLATE.root]

        def everything() -> None:
            subprocess.run([*generate, *answers.split()], cwd=folder, check=True)
            project = Project(next(folder.iterdir()))
            commands = "\n".join(project.readme_commands("Test it"))
            tools = node_folder() if (project.path / "src/package.json").exists() else None
            result = run_in_bash(commands, project.path, Path.home(), tools)
            if result.returncode:
                sys.exit(result.stdout + result.stderr)

        with quiet():
            everything()  # fills the package caches
            shutil.rmtree(next(folder.iterdir()))
            return f"{seconds(everything):.1f} s"


def fast_tests() -> str:
    """Run the tests that install nothing."""
    command = ["make", "test-fast"]
    options = {"cwd": TEMPLATE.root, "check": True, "capture_output": True}
    return f"{seconds(lambda: subprocess.run(command, **options)):.0f} s"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=11, help="bakes per measurement")
    parser.add_argument("--only", default="", help="measure rows whose name contains this")
    options = parser.parse_args()
    measurements: dict[str, Callable[[], str | dict[str, str]]] = {
        "command line ÷ one-file template": lambda: command_line_ratio(options.rounds),
        "in-process bakes": lambda: bake_times(options.rounds),
        **{
            f"command to green, {language}": lambda language=language: command_to_green(
                f"language={language}"
            )
            for language in TEMPLATE.choices["language"]
        },
        "fast tests": fast_tests,
    }
    print("| What | Measured |\n| --- | --- |")
    for name, measure in measurements.items():
        if options.only in name:
            result = measure()
            for row, value in result.items() if isinstance(result, dict) else [(name, result)]:
                print(f"| {row} | {value} |", flush=True)


if __name__ == "__main__":
    main()
