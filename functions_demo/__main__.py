"""`make demo`: starts the demo and prints how to use it.

make demo
make demo ARGS="language=typescript pattern=saga"
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import webbrowser
from pathlib import Path
from typing import Any

from functions_host.worker import WorkerError

from .live import LiveHost
from .projects import CACHE, ROOT, Answers, DemoError, check, load, prepare
from .server import Commands, DemoServer, about

PORT = 7071  # that of Core Tools, so that the project's requests/orders.http works
PACE_SECONDS = 1.0
FIRST_PACE_SECONDS = 0.2
FIRST_ORDER_SECONDS = 30
NOTICE = """\
This is a teaching host: it keeps everything in memory and forgets it at the end. It is not the
Durable Task Scheduler. To go on: make new, then 'bash scripts/start.sh' in the new project."""


def main(arguments: list[str] | None = None) -> int:
    """Run the demo until Ctrl+C, which may also end the installation; return the exit code."""
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        print()
        return 0


def _run(arguments: list[str] | None) -> int:
    started = time.monotonic()
    options = _parse(arguments)
    try:
        answers = _answers(options.answers)
        server = _listen(options.port)
        project = prepare(answers, lambda text: print(text, flush=True), options.cache)
        worker = load(project, answers["language"])
    except (DemoError, WorkerError) as error:
        print(error, file=sys.stderr)
        return 1
    app = about(project, _description(answers))
    with LiveHost(worker, server, FIRST_PACE_SECONDS) as live:
        server.begin(live, Commands(live, app))
        _print_usage(server.origin, answers, app.orders[0]["body"])
        if not options.no_browser:
            _open_page(server.origin)
        _send_first_order(live, app.orders[0]["body"], started)
        live.agenda.pace = PACE_SECONDS
        print("Press Ctrl+C to end.", flush=True)
        while True:
            time.sleep(3600)


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make demo ARGS=", description=__doc__.splitlines()[0])
    parser.add_argument("answers", nargs="*", metavar="key=value", help="answers of the template")
    parser.add_argument("--port", type=int, default=PORT, help=f"port of the host ({PORT})")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder for projects, packages")
    parser.add_argument("--no-browser", action="store_true", help="do not open the page")
    return parser.parse_args(arguments)


def _answers(texts: list[str]) -> Answers:
    """The answers of the command line. Raises DemoError."""
    answers = {"language": "python", "pattern": "function-chaining"}
    for text in texts:
        key, found, value = text.partition("=")
        if not found:
            raise DemoError(f"'{text}' is no answer: write key=value, as in language=typescript.")
        answers[key] = value
    check(answers)
    return answers


def _listen(port: int) -> DemoServer:
    try:
        return DemoServer(port)
    except (OSError, OverflowError):
        raise DemoError(
            f"Port {port} cannot be used: end the program that uses it, or choose another port "
            f'(make demo ARGS="--port {PORT + 1}").'
        ) from None


def _description(answers: Answers) -> str:
    """The labels of pattern and language, as the questions show them."""
    prompts = json.loads((ROOT / "cookiecutter.json").read_text("utf-8"))["__prompts__"]
    pattern, language = (prompts[key][answers[key]] for key in ("pattern", "language"))
    return f"{pattern} ({language.split()[0]})"


def _print_usage(origin: str, answers: Answers, order: dict[str, Any]) -> None:
    print(
        f"""
An order workflow runs here ({answers["language"]}, {answers["pattern"]}):

    {origin}/

Without a browser: send an order, then list what runs (docs/demo.md has the other commands).

    curl {origin}/api/orders -H 'Content-Type: application/json' \\
        -d '{json.dumps(order)}'
    curl {origin}/runtime/webhooks/durabletask/instances

{NOTICE}
""",
        flush=True,
    )


def _open_page(url: str) -> None:
    """Open the page where there is a desktop."""
    desktop = sys.platform in ("darwin", "win32") or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )
    if desktop and sys.stdout.isatty():
        webbrowser.open(url)


def _send_first_order(live: LiveHost, order: dict[str, Any], started: float) -> None:
    """Show that the app works, and what a completed order looks like."""
    body = json.dumps(order).encode()
    sent = live.request("POST", "/api/orders", body, {"content-type": "application/json"})
    if sent.status != 202:
        print(f"The first order was refused: {sent.status} {sent.error}", file=sys.stderr)
        return
    instance_id = sent.json()["id"]
    until = time.monotonic() + FIRST_ORDER_SECONDS
    while time.monotonic() < until:
        instance = live.durable.status(instance_id)
        if instance["runtimeStatus"] not in ("Pending", "Running") or instance["customStatus"]:
            break
        time.sleep(0.02)
    seconds = time.monotonic() - started
    status = " ".join(
        filter(None, [instance["runtimeStatus"], str(instance["customStatus"] or "")])
    )
    print(f"The first order: {status}, {seconds:.1f} s after the command.", flush=True)


if __name__ == "__main__":
    sys.exit(main())
