"""Apps that cannot be loaded or executed, and where a Node.js app has its code."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from defects import seed
from functions_host.agenda import Agenda
from functions_host.errors import (
    NonDeterminismError,
    StepLimitError,
    UnsupportedActionError,
)
from functions_host.host import Host
from functions_host.protocol import EventType
from functions_host.worker import HERE, LoadError, Worker, WorkerError

from .samples import LANGUAGES, NOW, ORDER, LoadApp, check_orders, start, write_python_app

pytestmark = pytest.mark.slow  # installs packages


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_ends_a_run(load: LoadApp, language: str) -> None:
    with Host(load(language, "patterns"), Agenda(step_limit=20)) as host:
        instance_id = start(host, "changing")
        found = rf"{instance_id} .* call activity 'remember', in a replay to .* 'double'"
        with pytest.raises(NonDeterminismError, match=found):
            host.run()
        start(host, "shrinking")
        with pytest.raises(NonDeterminismError, match="no longer asks to call activity"):
            host.run()
        start(host, "endless")
        with pytest.raises(StepLimitError, match="no end after 20 steps"):
            host.run()
        instance_id = start(host, "chaining", 1)
        host.run(until=NOW)  # each run counts its own steps
        assert host.status(instance_id)["output"] == [1, None]
        worker = host._worker
        with pytest.raises(WorkerError, match=r"(?s)code 3 while calling die.*last words"):
            worker.invoke("die", [(worker.functions["die"][0]["name"], {"json": "1"})])
        with pytest.raises(WorkerError, match="ended with code 3"):
            host.request("POST", "/api/orchestrators/race")


def test_worker_that_does_not_respond(python_app_env: Path, tmp_path: Path) -> None:
    app = write_python_app(tmp_path, "patterns")
    worker = Worker([str(python_app_env), str(HERE / "python_worker.py")], app)
    worker._timeout = 0.2
    with pytest.raises(WorkerError, match=r"no response for 0.2 s while calling sleep"):
        worker.invoke("sleep", [("value", {"json": "1"})])
    worker.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_run_goes_on_with_a_worker_that_was_started_again(load: LoadApp, language: str) -> None:
    with Host(load(language, "patterns")) as host:
        worker, before = host._worker, host._worker.pid
        instance_id = start(host, "chaining", 1)
        for _ in range(2):  # once for the orchestrator, once for its first activity
            worker.close()
            with pytest.raises(WorkerError):
                host.run()
            worker.restart()
            host.durable.agenda.step()
        host.run()

        assert host.status(instance_id)["output"] == [1, None]
        assert worker.pid != before


def test_a_lost_worker_does_not_change_the_history(load: LoadApp) -> None:
    """Whichever step it is lost in: a retry timer comes after the failure that it follows."""

    def events(host: Host, instance_id: str) -> list[int]:
        execution = host.durable.orchestrations.find(instance_id).execution
        return [event["EventType"] for event in execution.history]

    with Host(load("python", "patterns")) as host:
        undisturbed = start(host, "retried")
        host.run()
        expected = events(host, undisturbed)
        for steps in range(expected.count(EventType.ORCHESTRATOR_STARTED) * 2):
            instance_id = start(host, "retried")
            for _ in range(steps):
                host.durable.agenda.step() or host.run(until=timedelta(seconds=5))
            host._worker.close()
            with suppress(WorkerError):  # all steps may be done
                host.run()
            host._worker.restart()
            host.run()
            assert events(host, instance_id) == expected, steps


def test_calls_of_several_threads_take_turns(load: LoadApp) -> None:
    worker = load("python", "patterns")
    binding = worker.functions["double"][0]["name"]

    def double(value: int) -> int:
        result = worker.invoke("double", [(binding, {"json": json.dumps(value)})])
        assert result.value is not None
        return int(result.value["json"])

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(double, range(200))) == [2 * value for value in range(200)]
    worker.close()


def test_unsupported_action(load: LoadApp) -> None:
    def call_http(source: str) -> str:
        call = "context.df.callHttp({ method: 'GET', url: 'http://localhost' })"
        return seed(source, "context.df.callActivity('ship', order.id)", call)

    with Host(load("node", "orders", change=call_http)) as host:
        host.request("POST", "/api/orders", json.dumps(ORDER).encode())
        with pytest.raises(UnsupportedActionError, match="process uses: call http"):
            host.run()


def test_main_pattern(load: LoadApp) -> None:
    main = "./{index.js,functions/**/*.cjs}"
    check_orders(load("node", "orders", main=main, suffix=".cjs"))


def test_main_matches_nothing(load: LoadApp) -> None:
    with pytest.raises(LoadError, match=re.escape("matches no file: dist/*.js")):
        load("node", "orders", main="dist/*.js")


def test_ecmascript_module(load: LoadApp) -> None:
    def import_modules(source: str) -> str:
        source = re.sub(r"const { (\w+) } = require\((.*)\)", r"import { \1 } from \2", source)
        return re.sub(r"const (\w+) = require\((.*)\)", r"import * as \1 from \2", source)

    options = {"main": "functions/*.mjs", "suffix": ".mjs"}
    check_orders(load("node", "orders", change=import_modules, **options))
