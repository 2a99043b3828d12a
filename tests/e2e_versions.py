"""Shows what the emulator does with the versions of orchestrations.

Usage: PYTHONPATH=.:tests/support python tests/e2e_versions.py PROJECT
    PROJECT: a generated project with the pattern human-interaction, installed
An order of version 2.0 waits for an approval. The app of version 1.0 must not execute it, and the
app of version 2.0 completes it. The emulator keeps its state while the app is replaced.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from remote_host import RemoteHost

PORT = os.environ.get("PORT", "7071")
# The longest start of an app, and how long the older app gets to do the wrong thing.
START, PATIENCE = 180.0, float(os.environ.get("PATIENCE", "30"))  # seconds
OPTIONS = "AzureFunctionsJobHost__extensions__durableTask__"
STRATEGIES = {
    f"{OPTIONS}versionMatchStrategy": "CurrentOrOlder",
    f"{OPTIONS}versionFailureStrategy": "Reject",
}
ITEM = {"sku": "A-1", "quantity": 2, "unitPrice": 500.0}
ORDER = {"id": "order-1001", "items": [ITEM], "total": 1_000.0}
APPROVAL = {"approved": True, "approver": "ann"}


class UnexpectedError(Exception):
    """The app or the emulator did something else; the text says what."""


def wait_until(condition: Callable[[], bool], what: str, seconds: float = START) -> None:
    """Wait until a condition holds.

    Raises:
        UnexpectedError: it does not hold in time.
    """
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise UnexpectedError(f"This did not happen within {seconds:.0f} seconds: {what}.")
        time.sleep(0.5)


def responds(host: RemoteHost) -> bool:
    try:
        return host.request("GET", "/").status > 0
    except OSError:
        return False


@contextmanager
def app(project: Path, version: str, host: RemoteHost) -> Iterator[None]:
    """Run the app with a version of its own."""
    given = STRATEGIES | {f"{OPTIONS}defaultVersion": version}
    with (project.parent / f"func-{version}.log").open("a", encoding="utf-8") as log:
        process = subprocess.Popen(
            ["bash", str(project / "scripts/start.sh"), "--port", PORT],
            env=os.environ | given,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_until(lambda: responds(host), f"the app of version {version} responds")
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=60)
        wait_until(lambda: not responds(host), f"the app of version {version} ends")


def post(host: RemoteHost, path: str, body: object) -> str:
    headers = {"content-type": "application/json"}
    response = host.request("POST", path, json.dumps(body).encode(), headers)
    if response.status != 202:
        raise UnexpectedError(f"POST {path} has the status {response.status}, not 202.")
    return response.body.decode()


def check(project: Path, host: RemoteHost) -> None:
    """Replace the app of version 2.0 by one of version 1.0 and back.

    Raises:
        UnexpectedError: the order of version 2.0 did not wait for its app.
    """

    def state(name: str) -> object:
        return host.status(instance_id).get(name)

    with app(project, "2.0", host):
        instance_id = json.loads(post(host, "/api/orders", ORDER))["id"]
        waits = "the order waits for its approval"
        wait_until(
            lambda: host.status(instance_id)["customStatus"] == "waiting for approval", waits
        )
        print("version of the order:", state("version") or "not shown")
    with app(project, "1.0", host):
        post(host, f"/api/orders/{instance_id}/approval", APPROVAL)
        time.sleep(PATIENCE)
        status = state("runtimeStatus")
        if status != "Running":
            raise UnexpectedError(f"The app of version 1.0 left an order of 2.0 {status}.")
    with app(project, "2.0", host):
        wait_until(lambda: state("runtimeStatus") == "Completed", "version 2.0 completes the order")
    print("The order of version 2.0 waited for its app.")


def main(project: Path) -> int:
    """Check, and show what the apps have printed if something went wrong."""
    try:
        check(project, RemoteHost(f"http://localhost:{PORT}"))
    except (UnexpectedError, AssertionError, OSError, subprocess.TimeoutExpired) as error:
        for log in sorted(project.parent.glob("func-*.log")):
            print(f"{log.name}:\n{log.read_text('utf-8')}", file=sys.stderr)
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
