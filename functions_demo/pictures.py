"""Pictures of the demo from a real run, for the README: `make pictures`.

    docs/images/demo.png        the page, after a failed payment and a killed worker
    docs/images/terminal.svg    the terminal: `make new` and `make demo`
    <folder>/<pattern>.png      the page of each pattern, to be looked at

Needs the packages of the tests, and Chromium.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

from .projects import CACHE, ROOT

IMAGES = ROOT / "docs/images"
SIZE = {"width": 1120, "height": 755}
PORT = 7071
COLUMNS = 112
MAKE = ["make", "--no-print-directory"]


@contextlib.contextmanager
def running_demo(pattern: str, language: str = "python") -> Iterator[list[str]]:
    """Run `make demo`; yield the lines that it prints until the first order has ended."""
    command = [*MAKE, "demo", f"ARGS=language={language} pattern={pattern} --no-browser"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stdout is not None
        lines: list[str] = []
        for line in demo.stdout:
            lines.append(line.rstrip())
            if "Ctrl+C" in line:
                break
        try:
            yield lines
        finally:
            demo.terminate()


def send(page: Page, order: str) -> None:
    page.get_by_label("Order", exact=True).select_option(label=order)
    press(page, "Send an order")
    expect(page.locator("#instance-title")).to_have_text(re.compile("Running"))


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def wait_for_end(page: Page) -> None:
    expect(page.locator("#instance-title")).to_have_text(re.compile("Completed"), timeout=30_000)


def wait_for_row(page: Page, name: str, state: str) -> None:
    row = page.locator("#timeline .rows li", has_text=name)
    row.locator(f".{state}").first.wait_for(timeout=30_000)


def show_chaining(page: Page) -> None:
    """A failed payment that is called again, and a worker that is killed while it ships."""
    press(page, "Fail the next payment")
    send(page, "a good order")
    wait_for_row(page, "process_payment", "open")
    time.sleep(1.5)
    press(page, "Skip the timer")
    wait_for_row(page, "ship_order", "running")
    time.sleep(0.4)
    press(page, "Kill the worker")
    page.locator(".bar.lost").wait_for()
    time.sleep(1)
    press(page, "Start the worker")
    wait_for_end(page)


def show_fan_out(page: Page) -> None:
    send(page, "several items")
    wait_for_end(page)


def show_approval(page: Page) -> None:
    send(page, "an order that is approved")
    wait_for_row(page, "timer", "open")
    time.sleep(2)
    press(page, "Raise Approval (approved: true, approver: ann)")
    wait_for_end(page)


def show_monitor(page: Page) -> None:
    send(page, "a good order")
    for generation in (1, 2):
        last = page.locator("#timeline section").nth(generation - 1)
        last.get_by_text("30 min, waiting").wait_for(timeout=30_000)
        time.sleep(1)
        press(page, "Skip the timer")
    wait_for_end(page)


def show_saga(page: Page) -> None:
    send(page, "a total that the payment placeholder refuses")
    for attempt in (0, 1):
        page.locator(".bar.failed").nth(attempt).wait_for(timeout=30_000)
        time.sleep(0.7)
        press(page, "Skip the timer")
    wait_for_end(page)


def show_sales(page: Page) -> None:
    send(page, "a good order")
    wait_for_end(page)


SCENES: dict[str, Callable[[Page], None]] = {
    "function-chaining": show_chaining,
    "fan-out-fan-in": show_fan_out,
    "human-interaction": show_approval,
    "monitor": show_monitor,
    "saga": show_saga,
    "aggregator": show_sales,
}


def take_pictures(browser: str, folder: Path, patterns: list[str]) -> None:
    """Show each pattern on its page, in the light color scheme, and take a picture of it."""
    with sync_playwright() as playwright:
        program = shutil.which(browser) or browser
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for pattern in patterns:
            with running_demo(pattern):
                page = chromium.new_page(viewport=SIZE, color_scheme="light")
                page.goto(f"http://127.0.0.1:{PORT}/")
                SCENES[pattern](page)
                page.mouse.move(0, 0)
                time.sleep(0.5)  # the bars move to their places
                page.screenshot(path=folder / f"{pattern}.png", full_page=True)
                if pattern == "function-chaining":
                    page.screenshot(path=IMAGES / "demo.png")
                page.close()
        chromium.close()


def write_terminal() -> None:
    """Generate a project and start the demo, and write what the terminal shows."""
    with tempfile.TemporaryDirectory() as folder:
        command = [*MAKE, "new", "ARGS=--no-input", f"OUT={folder}"]
        made = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    with running_demo("function-chaining") as printed:
        pass
    console = Console(record=True, width=COLUMNS, file=io.StringIO())
    for prompt, lines in (
        ('make new ARGS="--no-input"', made.stdout.replace(f"{folder}/", "../").splitlines()),
        ("make demo", printed),
    ):
        console.print(Text.assemble(("$ ", "bold green"), (prompt, "bold")))
        console.print(Text("\n".join(lines).strip() + "\n"), soft_wrap=False)
    # Without the fonts of Rich, which a browser would get from another host.
    svg_format = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    svg = console.export_svg(title="make new, make demo", code_format=svg_format)
    (IMAGES / "terminal.svg").write_text(svg, "utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--browser", default="chromium", help="program of Chromium or Chrome")
    parser.add_argument("--folder", type=Path, default=CACHE / "pictures")
    parser.add_argument("patterns", nargs="*", default=list(SCENES))
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    IMAGES.mkdir(exist_ok=True)
    take_pictures(options.browser, options.folder, options.patterns)
    if "function-chaining" in options.patterns:
        write_terminal()
    print(f"Look at the pictures in {options.folder} and {IMAGES}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
