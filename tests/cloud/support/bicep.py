"""What a Bicep file describes, with the parameters for which azd would ask."""

import json
import shutil
from pathlib import Path
from typing import Any

from bicep_compiler import BicepCompiler
from template import TEMPLATE

from . import bicep_state
from .operator import GROUP, PREFIX, SLUG

State = dict[str, Any]
LOCATION = TEMPLATE.questions["azure_location"]
REPOSITORY = "contoso/orders"


def parameters(folder: Path, deploy_auth: str) -> Path:
    """Write the parameters for which azd would ask, or which it knows."""
    lines = [
        "using 'main.bicep'",
        "param environmentName = 'test'",
        f"param projectName = '{SLUG}'",
        "param taskHubName = 'default'",
        f"param principalId = '{bicep_state.USER_ID}'",
        f"param location = '{LOCATION}'",
    ]
    if deploy_auth == "oidc":
        lines.append(f"param githubRepository = '{REPOSITORY}'")
        lines.append(f"param githubSubjectPrefix = '{PREFIX}'")
    path = folder / "test.bicepparam"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def described(compiler: BicepCompiler, infra: Path, folder: Path, deploy_auth: str) -> State:
    """Return the end state that the Bicep file of a project describes."""
    shutil.copytree(infra, folder)
    evaluated = compiler.snapshot(parameters(folder, deploy_auth), GROUP, LOCATION)
    assert evaluated["diagnostics"] == []
    return with_fixed_names(bicep_state.end_state(evaluated))


def with_fixed_names(state: State) -> State:
    """Replace the end of unique names, and the names that Azure CLI makes up."""
    text = json.dumps(state)
    app = next(key for key in state["resources"] if "/sites/" in key).split("/")[2]
    made_up = {
        "<plan of the app>": f"plan-{SLUG}",
        "<package container>": "app-package",
        app[-6:]: "SUFFIX",
    }
    for old, new in made_up.items():
        text = text.replace(old, new)
    return json.loads(text)
