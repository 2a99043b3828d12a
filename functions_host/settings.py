"""The options of an extension in host.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def extension_options(app_folder: Path, extension: str) -> dict[str, Any]:
    """Return `extensions.<extension>` of an app's host.json; empty if it is not there."""
    path = app_folder / "host.json"
    settings = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    options: dict[str, Any] = settings.get("extensions", {}).get(extension, {})
    return options
