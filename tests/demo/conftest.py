"""The demo with real apps, without a browser and in Chromium."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from functions_demo.live import LiveHost
from functions_demo.projects import load, prepare
from functions_demo.server import Commands, DemoServer, about
from installed_project import node_variables
from machine import require_browser

from .client import RunningDemo


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of generated projects and their packages, which uv installs: it is faster."""
    tools = Path(sys.executable).parent
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(tools), prepend=os.pathsep)
        yield tmp_path_factory.mktemp("demo") / "cache"


@pytest.fixture(scope="session")
def start_demo(cache: Path) -> Callable[..., RunningDemo]:
    """Return a function that starts the demo of a language and a pattern on a free port."""

    @contextmanager
    def start(pattern: str, language: str = "python", pace: float = 0.05) -> Iterator[RunningDemo]:
        with pytest.MonkeyPatch.context() as patch:
            if language != "python":
                patch.setitem(os.environ, "PATH", node_variables()["PATH"])
            project = prepare({"language": language, "pattern": pattern}, lambda _: None, cache)
            worker = load(project, language)
        server = DemoServer(0)
        with LiveHost(worker, server, pace) as live:
            server.begin(live, Commands(live, about(project, f"{pattern} ({language})")))
            yield RunningDemo(server.origin, live)

    return start


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Yield the Chromium of the machine: the tests download none."""
    program = require_browser()
    with sync_playwright() as playwright:
        # Chromium does not start its sandbox for root, which containers often are.
        launched = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture
def page_errors() -> list[str]:
    """The errors that the page logs; a test that expects some removes them."""
    return []


@pytest.fixture
def page(browser: Browser, page_errors: list[str]) -> Iterator[Page]:
    """Yield a page that must log no error, and must send no request to another host."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(10_000)
    requested: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            page_errors.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: page_errors.append(str(error)))
    page.on("request", lambda request: requested.append(request.url))
    yield page
    context.close()
    assert page_errors == []
    assert requested, "the test has not used the page"
    assert [url for url in requested if not url.startswith("http://127.0.0.1:")] == []
