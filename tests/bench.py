"""Measures the budgets of docs/performance.md and prints them as a table.

Times depend on the machine and the moment, so ratios are measured where possible: this template
and a template of one file take turns in the same run.
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
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from cookiecutter.main import cookiecutter

from bakery import Project
from installed_project import node_variables
from machine import memory_folder
from shell import run_in_bash
from template import PROJECT_FOLDER, TEMPLATE, tracked_files

ONE_FILE = "command line on a one-file template"
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


def in_process(template: Path, output: Path) -> float:
    """Return the seconds of a bake without the start of an interpreter, hooks included."""
    shutil.rmtree(output, ignore_errors=True)
    with quiet():
        bake = partial(cookiecutter, str(template), no_input=True, output_dir=str(output))
        return seconds(bake)


@dataclass(frozen=True)
class Row:
    """A measurement; `budget` is the most that docs/performance.md allows, in the same unit."""

    name: str
    value: float
    unit: str = ""
    budget: float | None = None

    @property
    def over(self) -> bool:
        """Whether the measurement is over its budget."""
        return self.budget is not None and self.value > self.budget

    def __str__(self) -> str:
        """Return the row of a Markdown table."""
        budget = "" if self.budget is None else f"≤ {self.budget:g} {self.unit}".rstrip()
        value = f"{self.value:.2f} {self.unit}".rstrip()
        return f"| {self.name} | {value} | {budget} |{' over budget' if self.over else ''}"


# Where bakes are measured, and whether the budgets hold there: docs/performance.md explains why.
PLACES = (("memory", memory_folder(), True), ("disk", None, False))


def command_line(rounds: int) -> Iterator[Row]:
    """Compare the command on this template with the command on a one-file template."""
    for place, parent, budgeted in PLACES:
        with scratch(parent) as folder:
            ours = copy_of_this_template(folder / "ours")
            small = one_file_template(folder / "small")
            pairs = [(cli(ours, folder / "a"), cli(small, folder / "b")) for _ in range(rounds + 1)]
        pairs = pairs[1:]  # the first warms up
        ratio = statistics.median(mine / other for mine, other in pairs)
        yield Row(f"command line, {place} ÷ {ONE_FILE}", ratio, budget=2.0 if budgeted else None)
        yield Row(
            f"command line, {place}", statistics.median(mine for mine, _ in pairs) * 1000, "ms"
        )


def bakes(rounds: int) -> Iterator[Row]:
    """Measure in-process bakes in memory and on disk, and what an added file costs."""
    for place, parent, budgeted in PLACES:
        with scratch(parent) as folder:
            small = one_file_template(folder / "small")
            plain = copy_of_this_template(folder / "plain")
            more = copy_of_this_template(folder / "more")
            add_overlays(more)
            turns = [
                (
                    in_process(plain, folder / "out"),
                    in_process(more, folder / "out"),
                    cli(small, folder / "small-out"),
                )
                for _ in range(rounds)
            ]
        ratio = statistics.median(bake / command for bake, _, command in turns)
        added = statistics.median(longer - bake for bake, longer, _ in turns)
        per_file = added / (ADDED_OVERLAYS * FILES_PER_OVERLAY)
        name = f"in-process bake, {place}"
        yield Row(f"{name} ÷ {ONE_FILE}", ratio, budget=1.0 if budgeted else None)
        yield Row(name, statistics.median(bake for bake, _, _ in turns) * 1000, "ms")
        yield Row(f"{name}, added file", per_file * 1000, "ms", 1 if budgeted else None)


SECONDS_TO_GREEN = {"python": 15, "csharp": 45, "typescript": 20, "javascript": 20}


def command_to_green(language: str) -> Iterator[Row]:
    """Generate a project, then run the install, test and lint commands of its README, warm."""
    with scratch() as folder, scratch() as packages:
        variables = {"NUGET_PACKAGES": str(packages)} if language == "csharp" else {}
        if language in ("typescript", "javascript"):
            variables = node_variables()
        generate = [sys.executable, "-m", "cookiecutter", "--no-input", "-o", ".", TEMPLATE.root]

        def everything() -> None:
            subprocess.run([*generate, f"language={language}"], cwd=folder, check=True)
            project = Project(next(folder.iterdir()))
            commands = "\n".join(project.code_blocks("README.md", "Run the tests"))
            result = run_in_bash(commands, project.path, Path.home(), **variables)
            if result.returncode:
                sys.exit(result.stdout + result.stderr)

        with quiet():
            everything()  # fills the package caches
            shutil.rmtree(next(folder.iterdir()))
            value = seconds(everything)
    yield Row(f"command to green, {language}", value, "s", SECONDS_TO_GREEN[language])


def fast_tests() -> Iterator[Row]:
    """Run the tests that install nothing."""
    command = ["make", "test-fast"]
    options = {"cwd": TEMPLATE.root, "check": True, "capture_output": True}
    yield Row("make test-fast", seconds(lambda: subprocess.run(command, **options)), "s", 30)


def main() -> int:
    """Measure and print; return 1 when something is over its budget."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=11, help="bakes per measurement")
    parser.add_argument("--only", default="", help="measure what has this in its name")
    options = parser.parse_args()
    measurements: dict[str, Callable[[], Iterator[Row]]] = {
        "command line": partial(command_line, options.rounds),
        "bakes": partial(bakes, options.rounds),
        **{
            f"command to green, {language}": partial(command_to_green, language)
            for language in TEMPLATE.choices["language"]
        },
        "fast tests": fast_tests,
    }
    over = False
    print("| What | Measured | Budget |\n| --- | --- | --- |")
    for name, measure in measurements.items():
        for row in measure() if options.only in name else ():
            over |= row.over
            print(row, flush=True)
    return int(over)


if __name__ == "__main__":
    sys.exit(main())
