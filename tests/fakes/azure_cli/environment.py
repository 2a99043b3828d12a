"""The virtual environment with the Azure CLI: `make test` installs it once."""

import os
from pathlib import Path

ROOT = Path(__file__).parents[3]
MISSING = (
    "the Azure CLI of the tests is not installed: run 'make .venv-azure-cli' (once, about 400 MB)"
)


def python() -> Path | None:
    """Return the Python that has the Azure CLI, or None; AZURE_CLI_PYTHON names another one."""
    path = Path(os.environ.get("AZURE_CLI_PYTHON") or ROOT / ".venv-azure-cli" / "bin" / "python")
    return path if path.exists() else None
