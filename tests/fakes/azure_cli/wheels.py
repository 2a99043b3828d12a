"""Packs the fake extensions as wheels, which the Azure CLI installs like the real ones."""

import io
import json
import zipfile
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent / "extensions"
DATA = Path(__file__).parents[2] / "data" / "az-commands.json"
TIME = (2026, 1, 1, 0, 0, 0)  # a wheel of the same content has the same digest


@cache
def build(name: str, version: str) -> bytes:
    """Return the wheel of an extension, such as `durabletask`."""
    module = name.replace("-", "_")
    package, info = f"azext_{module.replace('_', '')}", f"{module}-{version}.dist-info"
    facts = json.loads(DATA.read_text(encoding="utf-8"))["commands"]
    commands = {key: each for key, each in facts.items() if each.get("ext") == name}
    files = {
        f"{package}/__init__.py": (HERE / f"{module}.py").read_text(encoding="utf-8"),
        f"{package}/builder.py": (HERE / "builder.py").read_text(encoding="utf-8"),
        f"{package}/commands.json": json.dumps(commands),
        f"{package}/azext_metadata.json": json.dumps(
            {"azext.isPreview": True, "azext.minCliCoreVersion": "2.75.0"}
        ),
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\n"
        "Tag: py3-none-any\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, text in files.items():
            archive.writestr(zipfile.ZipInfo(path, TIME), text)
    return buffer.getvalue()


def install(name: str, version: str, folder: Path) -> None:
    """Unpack an extension into a folder of extensions, as the Azure CLI does with pip."""
    with zipfile.ZipFile(io.BytesIO(build(name, version))) as archive:
        archive.extractall(folder / name)
