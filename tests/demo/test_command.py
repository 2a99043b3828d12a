"""`make demo`: what it prints, what it refuses, and what it keeps for the next time."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from functions_demo.projects import check, prepare
from template import TEMPLATE

from .client import block_of

SECONDS = 60


def run_demo(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "functions_demo", *arguments]
    return subprocess.run(
        command, cwd=TEMPLATE.root, capture_output=True, text=True, timeout=SECONDS
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["language=csharp"], "Python, TypeScript and JavaScript only.*scripts/start.sh"),
        (["language=cobol"], "language=cobol does not exist: use python, csharp, typescript"),
        (["pattern=saga", "colour=red"], "'colour' is no question of the template: use project_n"),
        (["saga"], "'saga' is no answer: write key=value"),
        (["project_slug=No Slug"], "project_slug"),
    ],
    ids=["csharp", "choice", "question", "no answer", "hook"],
)
def test_what_it_refuses(tmp_path: Path, arguments: list[str], message: str) -> None:
    result = run_demo(*arguments, "--port=0", f"--cache={tmp_path}")

    assert result.returncode == 1
    assert re.search(message, result.stderr, re.DOTALL), result.stderr
    assert result.stdout.replace("Generating a project ...\n", "") == ""
    assert "Traceback" not in result.stderr


@pytest.mark.slow  # needs make, which Windows has not
@pytest.mark.parametrize(
    ("document", "heading"), [("README.md", "See it run"), ("docs/demo.md", "The demo")]
)
def test_the_commands_of_the_documents_start_the_demo(document: str, heading: str) -> None:
    # `make test ARGS=...` passes its variables on to every make below it.
    passed_on = {"ARGS", "MAKEFLAGS", "MFLAGS"}
    variables = {name: value for name, value in os.environ.items() if name not in passed_on}
    result = subprocess.run(
        ["bash", "-e"],
        input=block_of(document, heading).replace("make ", "make --dry-run "),
        cwd=TEMPLATE.root,
        env=variables,
        capture_output=True,
        text=True,
    )

    assert result.returncode == 0, result.stderr
    started = re.findall(r"-m functions_demo ?(.*)$", result.stdout, re.MULTILINE)
    assert started == ["", "language=typescript pattern=saga"]
    check(dict(answer.split("=") for answer in started[1].split()))


def test_a_port_in_use(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        result = run_demo(f"--port={port}", f"--cache={tmp_path}")

    assert result.returncode == 1
    assert f"Port {port} cannot be used" in result.stderr
    assert 'make demo ARGS="--port 7072"' in result.stderr


@pytest.mark.slow
def test_the_first_order_completes_and_the_second_start_installs_nothing(cache: Path) -> None:
    answers = {"language": "python", "pattern": "function-chaining"}
    prepare(answers, lambda _: None, cache)
    reports: list[str] = []
    assert prepare(answers, reports.append, cache).name == "order-workflow"
    assert reports == []

    command = [sys.executable, "-m", "functions_demo", "--port=0", f"--cache={cache}"]
    with subprocess.Popen(
        command,
        cwd=TEMPLATE.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Programs that a shell starts in the background ignore Ctrl+C, and so do their children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as demo:
        assert demo.stdout is not None
        end, output = time.monotonic() + SECONDS, ""
        while "Ctrl+C" not in output and time.monotonic() < end:
            output += demo.stdout.readline()
        demo.send_signal(signal.SIGINT)
        try:
            rest, errors = demo.communicate(timeout=SECONDS)
        finally:
            demo.kill()  # otherwise the end of this block waits for ever

    assert re.search(r"The first order: Completed, \d+\.\d s after the command", output), output
    assert "Installing" not in output
    origin = re.search(r"^ {4}(http://127\.0\.0\.1:\d+)/$", output, re.MULTILINE)
    assert origin, output
    assert f"curl {origin[1]}/api/orders" in output
    assert f"curl {origin[1]}/runtime/webhooks/durabletask/instances" in output
    assert "It is not the\nDurable Task Scheduler" in output
    assert (demo.returncode, rest.strip(), errors) == (0, "", "")
