"""The fake extensions are compared with the real ones: options, requests, outputs.

Not collected here, where the real ones cannot be installed (`conftest.py`): the weekly job of
`.github/workflows/test.yml` installs them into the folder that REAL_EXTENSIONS names.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from cloud.support.operator import require_azure
from cloud.support.subscription import Subscription

from . import environment, launcher

pytestmark = pytest.mark.slow

REAL = Path(os.environ.get("REAL_EXTENSIONS", "."))
DATA = Path(__file__).parents[2] / "data" / "az-commands.json"
PREFIXES = {"durabletask": "durabletask", "application-insights": "monitor app-insights component"}
LINES = [
    "group create -n rg -l centralus",
    "durabletask scheduler create -g rg -n dts --sku-name Consumption --ip-allowlist 0.0.0.0/0",
    "durabletask scheduler create -g rg -n two --sku-name dedicated --sku-capacity 1 --ip-allowlist"
    " 10.0.0.0/8 ::/0 --tags a=b -l eastus2 --public-network-access Disabled",
    "durabletask scheduler create -g rg -n three",
    "durabletask scheduler create -g rg -n three --sku-name Dedicated",
    "durabletask scheduler show -g rg -n dts",
    "durabletask scheduler show -g rg -n none",
    "durabletask scheduler list -g rg",
    "durabletask scheduler update -g rg -n dts --ip-allowlist 10.0.0.0/8",
    "durabletask taskhub create -g rg -s dts -n default",
    "durabletask taskhub create -g rg -s none -n default",
    "durabletask taskhub show -g rg -s dts -n default",
    "durabletask taskhub list -g rg -s dts",
    "durabletask retention-policy create -g rg -s dts -d 30 -c 5",
    "durabletask retention-policy show -g rg -s dts",
    "durabletask scheduler delete -g rg -n dts --yes",
    "durabletask taskhub delete -g rg -s dts -n default --yes",
    "durabletask scheduler delete -g rg -n dts --yes",
    "monitor app-insights component create -g rg --app appi -l centralus",
    "monitor app-insights component show -g rg --app appi",
    "monitor app-insights component show --app appi",
]


def known(folder: Path, extension: str, config: Path) -> dict[str, Any]:
    """Return the options of the commands of an extension that is in a folder."""
    config.mkdir(exist_ok=True)
    command = [str(environment.python()), "-P", str(Path(__file__).with_name("parameters_of.py"))]
    variables = {"AZURE_EXTENSION_DIR": str(folder), "AZURE_CONFIG_DIR": str(config)}
    run = subprocess.run(
        [*command, PREFIXES[extension]],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


@pytest.mark.parametrize("extension", PREFIXES)
def test_the_options_are_the_same(tmp_path: Path, extension: str) -> None:
    """What only the published reference of a newer version has is left out."""
    require_azure("bash")
    fake_folder = launcher.server_socket().parent / "extensions"
    real = known(REAL, extension, tmp_path / "real")
    fake = known(fake_folder, extension, tmp_path / "fake")
    facts = json.loads(DATA.read_text(encoding="utf-8"))["commands"]
    names = [name for name in fake if "src" not in facts[name]]
    newer = {"--capabilities"}
    for name in names:
        ours = {key: each for key, each in fake[name].items() if key not in newer}
        theirs = {key: each for key, each in real[name].items() if key not in newer}
        assert ours == theirs, name


def results(folder: Path, extensions: Path) -> list[dict[str, Any]]:
    """Return what each command line of LINES asks and prints with the extensions of a folder."""
    azure = Subscription(folder, tools=("az",), unregistered_providers=[])
    shutil.rmtree(azure.folder / "extensions")
    shutil.copytree(extensions, azure.folder / "extensions")
    (azure.folder / "config" / "extensionIndex.json").unlink()
    found = []
    for line in LINES:
        result = azure.az(*line.split(), "-o", "json")
        requests = [
            (each["method"], each["url"].split("?")[0].lower(), each["body"], each["status"])
            for each in result.calls[0]["requests"]
        ]
        output = json.loads(result.stdout) if result.stdout else None
        error = result.stderr.splitlines()[:1] if result.exit else []
        found.append({"line": line, "exit": result.exit, "requests": requests})
        found[-1] |= {"output": output, "error": error}
    return found


def test_requests_and_outputs_are_the_same(tmp_path: Path) -> None:
    require_azure("bash")
    ours = results(tmp_path / "fake", launcher.server_socket().parent / "extensions")
    theirs = results(tmp_path / "real", REAL)
    for our, their in zip(ours, theirs, strict=True):
        assert our == their
