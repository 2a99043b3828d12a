"""What a workflow must be, each rule a function that yields violations.

Workflows of generated projects keep all rules, those of this repository some.

Sources: GitHub documentation, "Secure use reference" and "Workflow syntax for GitHub Actions";
`tests/data/action-pins.json` for the inputs of each action at its pinned commit.
"""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

PINS = json.loads((Path(__file__).parents[1] / "data/action-pins.json").read_text(encoding="utf-8"))
EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
# The values of the context "github" that these workflows may use.
GITHUB = {"github.ref", "github.event_name"}


class Workflow:
    """A workflow as text and as data."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.data: dict[Any, Any] = yaml.safe_load(text)
        self.jobs: dict[str, dict[str, Any]] = self.data["jobs"]

    @property
    def steps(self) -> list[dict[str, Any]]:
        """The steps of all jobs."""
        return [step for job in self.jobs.values() for step in job.get("steps", [])]

    def runs(self) -> list[dict[str, Any]]:
        """Return the steps that run a script."""
        return [step for step in self.steps if "run" in step]

    def names(self, context: str) -> set[str]:
        """Return the names of a context (`vars`, `secrets`) that expressions use."""
        used = " ".join(EXPRESSION.findall(self.text))
        return set(re.findall(rf"\b{context}\.([A-Z_]+)", used))


def actions_are_pinned(workflow: Workflow) -> Iterator[str]:
    """Each action is pinned to the commit of its version, which a comment names."""
    for line in re.findall(r"uses: (?!\./)(.*)", workflow.text):
        action, _, rest = line.partition("@")
        pin = PINS["actions"].get(action)
        if pin is None or rest != f"{pin['commit']} # {pin['version']}":
            yield f"{line} is not pinned as in action-pins.json"


def inputs_exist(workflow: Workflow) -> Iterator[str]:
    """Each input exists in the pinned version of the action."""
    for step in workflow.steps:
        action = step.get("uses", "").partition("@")[0]
        known = PINS["actions"].get(action, {}).get("inputs", [])
        for name in sorted(step.get("with", {}).keys() - known):
            yield f"{action} has no input {name}"


def permissions_are_least(workflow: Workflow) -> Iterator[str]:
    """Reading is all that is allowed; who signs in to Azure may ask for a token of its own."""
    if workflow.data.get("permissions") != {"contents": "read"}:
        yield "the workflow may do more than read"
    for name, job in workflow.jobs.items():
        signs_in = any("client-id" in step.get("with", {}) for step in job.get("steps", []))
        wanted = {"contents": "read", "id-token": "write"} if signs_in else None
        if job.get("permissions") != wanted:
            yield f"the permissions of {name} must be {wanted}"


def credentials_are_not_kept(workflow: Workflow) -> Iterator[str]:
    """A token in the checkout could be read by every later step."""
    for step in workflow.steps:
        is_checkout = step.get("uses", "").startswith("actions/checkout@")
        if is_checkout and step.get("with", {}).get("persist-credentials") is not False:
            yield "the checkout keeps the token"


def jobs_end(workflow: Workflow) -> Iterator[str]:
    """Each job has a time limit; one that hangs would run for six hours."""
    for name, job in workflow.jobs.items():
        if "steps" in job and "timeout-minutes" not in job:
            yield f"{name} has no time limit"


def groups_are_literal(workflow: Workflow) -> Iterator[str]:
    """In a called workflow `github.workflow` is the caller: a group of it would cancel itself."""
    group = workflow.data["concurrency"]["group"]
    if "github.workflow" in group or not group.startswith(("ci-", "deploy-")):
        yield f"the concurrency group {group} is not literal"


def packages_are_whole(workflow: Workflow) -> Iterator[str]:
    """Without hidden files, the packages of Python and the metadata of C# would be missing."""
    for step in workflow.steps:
        options = step.get("with", {})
        if "upload-artifact@" in step.get("uses", ""):
            wanted = {"name": "package", "path": "package", "include-hidden-files": True}
            if not wanted.items() <= options.items():
                yield f"the upload needs {wanted}"
        is_download = "download-artifact@" in step.get("uses", "")
        if is_download and options != {"name": "package", "path": "package"}:
            yield "the download is not that of the package"


def expressions_are_known(workflow: Workflow) -> Iterator[str]:
    """An expression that refers to nothing is an empty text, without an error."""
    conditions = [str(step["if"]) for step in workflow.steps if "if" in step]
    known = GITHUB | set(_inputs(workflow)) | set(_outputs(workflow))
    for expression in EXPRESSION.findall(workflow.text) + conditions:
        for name in re.findall(r"[a-z]+(?:\.[A-Za-z_-]+)+", re.sub(r"'[^']*'", "", expression)):
            context = name.split(".")[0]
            if context not in ("vars", "secrets") and name not in known:
                yield f"{name} is not known"


def _inputs(workflow: Workflow) -> Iterator[str]:
    triggers = workflow.data[True]  # YAML 1.1 reads the key "on" as true
    for name in (triggers.get("workflow_dispatch") or {}).get("inputs", {}):
        yield f"inputs.{name}"


def _outputs(workflow: Workflow) -> Iterator[str]:
    for step in workflow.runs():
        for name in re.findall(r'echo "(\w+)=[^"]*" >>"\$GITHUB_OUTPUT"', step["run"]):
            yield f"steps.{step.get('id')}.outputs.{name}"


def scripts_hold_no_expression(workflow: Workflow) -> Iterator[str]:
    """A value goes to a script by its environment: an expression would become a part of it."""
    for step in workflow.runs():
        if EXPRESSION.search(step["run"]):
            yield f"the script of '{step['name']}' holds an expression"


Rule = Callable[[Workflow], Iterator[str]]
RULES: list[Rule] = [
    actions_are_pinned,
    inputs_exist,
    permissions_are_least,
    credentials_are_not_kept,
    jobs_end,
    groups_are_literal,
    packages_are_whole,
    expressions_are_known,
    scripts_hold_no_expression,
]


# The other rules are about deployments.
OF_EVERY_REPOSITORY = [
    actions_are_pinned,
    inputs_exist,
    credentials_are_not_kept,
    jobs_end,
    scripts_hold_no_expression,
]


def violations(workflow: Workflow, rules: list[Rule] = RULES) -> list[str]:
    """Return the violations of rules."""
    return [violation for rule in rules for violation in rule(workflow)]
