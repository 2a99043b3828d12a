"""Fixtures of all tests, and the option that makes a skipped test a failure."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from bakery import Bakery
from bicep_compiler import BicepCompiler
from machine import memory_folder, require, summary_of_skips
from tally import TALLIES

# Examples of each property: `make test` looks harder than `make test-fast`, `make fuzz` hardest.
settings.register_profile("fast", max_examples=50, deadline=None)
settings.register_profile("thorough", max_examples=200, deadline=None)
settings.register_profile("fuzz", max_examples=10_000, deadline=None)
settings.load_profile("fast")


@pytest.fixture(scope="session")
def compiler() -> Iterator[BicepCompiler]:
    """Yield a running Bicep compiler."""
    require("bicep")
    with BicepCompiler() as running:
        yield running


@pytest.fixture(scope="session")
def bakery() -> Iterator[Bakery]:
    """Yield what bakes each variant once per session; tests change copies of its projects only."""
    with tempfile.TemporaryDirectory(dir=memory_folder()) as folder:
        yield Bakery(Path(folder))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--no-skips`, for machines that have every tool."""
    parser.addoption("--no-skips", action="store_true", help="fail if a test was skipped")


def pytest_configure(config: pytest.Config) -> None:
    """Make room for the counts."""
    config.stash[TALLIES] = []


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Have each process of pytest-xdist run tests that share what they bake and install."""
    from scheduling import GroupScheduling

    return GroupScheduling(config, log)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a process of pytest-xdist has counted."""
    node.config.stash[TALLIES] += getattr(node, "workeroutput", {}).get("tallies", [])


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print the counts, and why tests were skipped."""
    skipped = [report.longrepr[2] for report in terminalreporter.stats.get("skipped", [])]
    for line in (*sorted(config.stash[TALLIES]), *summary_of_skips(skipped)):
        terminalreporter.write_line(line)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail the session if it skipped a test and `--no-skips` was given."""
    reporter = session.config.pluginmanager.getplugin("terminalreporter")
    if reporter is None:
        return  # a process of pytest-xdist: the one that started it counts
    if session.config.getoption("--no-skips") and reporter.stats.get("skipped"):
        reporter.write_line("--no-skips: a skipped test is a failure here", red=True)
        session.exitstatus = exitstatus or pytest.ExitCode.TESTS_FAILED
