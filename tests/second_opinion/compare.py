"""Runs the contract of each Python pattern on Microsoft's in-memory backend: `make second-opinion`.

Usage: python compare.py INTERPRETER
    INTERPRETER: a Python with the release candidates of 2.x, see the Makefile
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from bakery import Bakery
from template import TEMPLATE

RUN_CONTRACT = Path(__file__).with_name("run_contract.py")


def main(interpreter: str) -> int:
    """Print what each pattern gives; return the number of patterns that differ."""
    different = 0
    with tempfile.TemporaryDirectory() as folder:
        bakery = Bakery(Path(folder))
        for variant in TEMPLATE.code_variants("python"):
            project = bakery.bake(**variant)
            command = [interpreter, "-W", "ignore", str(RUN_CONTRACT), str(project.path)]
            run = subprocess.run(command, capture_output=True, text=True, timeout=300)
            findings = run.stdout.strip() or (run.stderr if run.returncode else "")
            different += run.returncode != 0
            print(f"{variant['pattern']}: {findings or 'agrees'}", flush=True)
    return different


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
