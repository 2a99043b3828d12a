"""The form of Backstage has the questions of the template, and its action generates a project."""

import copy
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import backstage_form
import pytest
import yaml

from hooks import load
from machine import require
from template import TEMPLATE

FOLDER = TEMPLATE.root / "backstage"
PRE_GEN = load("pre_gen_project")
FORM = yaml.safe_load((FOLDER / "template.yaml").read_text(encoding="utf-8"))


def test_the_form_asks_the_questions_with_their_limits() -> None:
    assert list(backstage_form.problems(FORM, TEMPLATE)) == []


def page(form: dict[str, Any]) -> dict[str, Any]:
    return form["spec"]["parameters"][0]["properties"]


DEFECTS: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "a question is missing": (lambda form: page(form).pop("license"), "the questions must be"),
    "an unknown question": (lambda form: page(form).update(x={}), "the questions must be"),
    "a choice is missing": (lambda form: page(form)["language"]["enum"].pop(), "language: enum"),
    "another default": (
        lambda form: page(form)["azure_location"].update(default="x"),
        "azure_location: default",
    ),
    "another label": (
        lambda form: page(form)["pattern"]["enumNames"].reverse(),
        "pattern: enumNames",
    ),
    "another prompt": (lambda form: page(form)["identity"].update(title="x"), "identity: title"),
    "another pattern": (
        lambda form: page(form)["task_hub_name"].update(pattern=".*"),
        "task_hub_name: pattern",
    ),
    "another limit": (
        lambda form: page(form)["description"].update(maxLength=9),
        "description: maxLength",
    ),
    "reserved names are allowed": (
        lambda form: page(form)["project_slug"].pop("not"),
        "project_slug: not",
    ),
    "a derived answer is optional": (
        lambda form: form["spec"]["parameters"][0]["required"].clear(),
        "required must be",
    ),
    "an answer that is not passed on": (
        lambda form: form["spec"]["steps"][0]["input"]["values"].pop("language"),
        "the step generate must pass",
    ),
}


@pytest.mark.parametrize(("change", "finding"), DEFECTS.values(), ids=DEFECTS.keys())
def test_a_seeded_difference_is_found(
    change: Callable[[dict[str, Any]], Any], finding: str
) -> None:
    form = copy.deepcopy(FORM)
    change(form)
    assert any(problem.startswith(finding) for problem in backstage_form.problems(form, TEMPLATE))


ANSWERS = {
    "project_slug": [
        *(
            "shop",
            "a-1",
            "ab",
            "Shop",
            "a--b",
            "a-",
            "x" * 33,
            "con",
            "console",
            "azure",
            "azure-x",
        ),
        *("login-x", "my-login", "my-windows", "mi-crosoft-x", "my-mi-crosoft"),
    ],
    "azure_location": ["centralus", "eastus2", "2east", "East US", "", "a" * 65],
    "task_hub_name": ["default", "ab", "-ab", "My-Hub", "a--b", "a" * 65],
    "description": ["A text", "", " x", "x ", "x" * 200, "x" * 201, "a\nb"],
}


@pytest.mark.parametrize("question", ANSWERS)
def test_the_form_and_the_hook_accept_the_same_answers(
    question: str, valid_answers: dict[str, Any]
) -> None:
    for answer in ANSWERS[question]:
        refused = any(
            problem.startswith(f"{question} ")
            for problem in PRE_GEN.problems(valid_answers | {question: answer})
        )
        assert backstage_form.is_allowed(page(FORM)[question], answer) == (not refused), answer


@pytest.fixture
def valid_answers() -> dict[str, Any]:
    context = TEMPLATE.context
    typed = {key: value for key, value in TEMPLATE.questions.items() if isinstance(value, str)}
    return (
        context
        | typed
        | TEMPLATE.defaults
        | {
            "project_slug": "order-workflow",
            "__language_name": "Python",
        }
    )


RUN = """
const { createGenerateAction } = require(process.argv[1]);
const { handler } = createGenerateAction((action) => action);
const [input, workspacePath, temporary] = JSON.parse(process.argv[2]);
handler({ input, workspacePath, createTemporaryDirectory: async () => temporary });
"""


@pytest.mark.slow
def test_the_action_generates_a_project(tmp_path: Path) -> None:
    """With an answer that looks like Jinja, which must arrive as it was typed."""
    require("node")
    text = "Costs {{ 6 * 7 }} and $(exit 1)"
    typed = {key: value for key, value in TEMPLATE.questions.items() if isinstance(value, str)}
    values = typed | TEMPLATE.defaults | {"project_slug": "shop", "description": text}
    for name in ("workspace", "temporary"):
        (tmp_path / name).mkdir()
    places = [str(tmp_path / "workspace"), str(tmp_path / "temporary")]
    arguments = json.dumps([{"template": str(TEMPLATE.root), "values": values}, *places])
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    result = subprocess.run(
        ["node", "-e", RUN, str(FOLDER / "generate.cjs"), arguments],
        env=os.environ | {"PATH": path, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    files = {path.relative_to(tmp_path / "workspace") for path in tmp_path.rglob("workspace/**/*")}
    assert Path("src/host.json") in files
    assert "6 \\* 7" in (tmp_path / "workspace/README.md").read_text(encoding="utf-8")


# The commands of docs/teams.md -------------------------------------------------------------------

TEAMS = TEMPLATE.documents["docs/teams.md"]
# The projects of each code block, with text of a file that shows an answer.
BLOCKS = [
    {"returns": ("LICENSE", "Contoso Ltd."), "refunds": ("infra/main.bicep", "swedencentral")},
    {
        "invoices": ("src/package.json", "typescript"),
        "again/invoices": ("src/package.json", "typescript"),
    },
    {"stock-count": ("README.md", "# Stock Count")},
]


REGISTER = """
const required = {
  '@backstage/backend-plugin-api': { createBackendModule: (module) => module },
  '@backstage/plugin-scaffolder-node': {
    createTemplateAction: (action) => action,
    scaffolderActionsExtensionPoint: 'actions',
  },
  './generate.cjs': require(process.argv[1]),
};
const example = { exports: {} };
new Function('require', 'module', process.argv[2])((name) => required[name], example);
const registerInit = ({ deps, init }) =>
  init({ scaffolder: { addActions: ({ id }) => console.log(deps.scaffolder, id) } });
example.exports.register({ registerInit });
"""


def test_the_module_for_backstage_registers_the_action() -> None:
    """With test doubles of the two packages of Backstage."""
    require("node")
    (module,) = re.findall(r"```javascript\n(.*?)```", TEAMS, flags=re.DOTALL)
    result = subprocess.run(
        ["node", "-e", REGISTER, str(FOLDER / "generate.cjs"), module],
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout == "actions durable-functions:generate\n"


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_the_commands_for_teams_work(tmp_path: Path, number: int) -> None:
    """With cookiecutter of the tests instead of `uvx`, and this checkout instead of GitHub."""
    blocks = re.findall(r"```bash\n(.*?)```", TEAMS, flags=re.DOTALL)
    assert len(blocks) == len(BLOCKS)
    (company,) = re.findall(r"```yaml\n(.*?)```", TEAMS, flags=re.DOTALL)
    (tmp_path / "company.yaml").write_text(company, encoding="utf-8")
    checkout = tmp_path / "cookiecutter-durable-functions"
    checkout.symlink_to(TEMPLATE.root)
    fake = tmp_path / "bin/uvx"
    fake.parent.mkdir()
    fake.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m "$@"\n', encoding="utf-8")
    fake.chmod(0o755)
    commands = blocks[number].replace("gh:ORG/cookiecutter-durable-functions", str(checkout))
    result = subprocess.run(
        [shutil.which("bash") or "bash", "-euo", "pipefail", "-c", commands],
        cwd=tmp_path,
        env=os.environ | {"HOME": str(tmp_path), "PATH": f"{fake.parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    for project, (file, text) in BLOCKS[number].items():
        assert text in (tmp_path / project / file).read_text(encoding="utf-8")
