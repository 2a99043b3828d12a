"""Runs the contract of each Python pattern on Microsoft's in-memory backend: `make second-opinion`.

Usage: python compare.py INTERPRETER
    INTERPRETER: a Python with the release candidates of 2.x, see the Makefile

Also compares what the apps use and the SDK deprecates with the list in `docs/next-sdks.md`.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from bakery import Bakery
from template import TEMPLATE

RUN_CONTRACT = Path(__file__).with_name("run_contract.py")
LIST = "docs/next-sdks.md"


def main(interpreter: str) -> int:
    """Print what each pattern gives, and what the list lacks; return the number of findings."""
    findings = 0
    deprecated: set[str] = set()
    with tempfile.TemporaryDirectory() as folder:
        bakery = Bakery(Path(folder))
        for variant in TEMPLATE.code_variants("python"):
            result = run_contract(interpreter, bakery.bake(**variant).path)
            deprecated.update(result["deprecated"])
            findings += bool(result["differences"])
            differences = "\n".join(result["differences"])
            print(f"{variant['pattern']}: {differences or 'agrees'}", flush=True)
    listed = names_in((TEMPLATE.root / LIST).read_text(encoding="utf-8"))
    for problem in problems(deprecated, listed):
        findings += 1
        print(problem)
    return findings


def run_contract(interpreter: str, project: Path) -> dict[str, Any]:
    """Return what `run_contract.py` finds; a crash is a difference."""
    command = [interpreter, str(RUN_CONTRACT), str(project)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=300)
    if run.returncode:
        return {"differences": [run.stderr], "deprecated": []}
    return json.loads(run.stdout)


def names_in(document: str) -> set[str]:
    """Return the names in the first column of the table of deprecated names."""
    _, _, table = document.partition("| Deprecated |")
    return set(re.findall(r"^\| `(\w+)` \|", table.partition("\n\n")[0], flags=re.MULTILINE))


def problems(messages: Iterable[str], listed: set[str]) -> Iterator[str]:
    """Yield what the list lacks, and what it has without need."""
    used = {message.split()[0]: message for message in messages}
    for name in sorted(used.keys() - listed):
        yield f"{LIST} does not list {name}, which a project uses: {used[name]}"
    for name in sorted(listed - used.keys()):
        yield f"{LIST} lists {name}, which no project uses, or which is not deprecated: remove it"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
