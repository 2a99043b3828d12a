"""The documents of every variant: links, code blocks, and the files that they name."""

import json
import re
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, Self

import pytest

from bakery import Baked, Bakery, Project
from code_blocks import blocks, problems
from defects import seed
from links import broken_links
from template import TEMPLATE


def documents(project: Project) -> dict[str, str]:
    """Return the text of each document of a project."""
    return {file: project.read(file) for file in project.files if file.endswith(".md")}


def test_links_lead_somewhere(baked: Baked) -> None:
    for variant, project in baked:
        assert list(broken_links(documents(project), project.files)) == [], variant


def test_code_parses_and_names_what_exists(baked: Baked) -> None:
    languages = set()
    for variant, project in baked:
        for name, text in documents(project).items():
            assert list(problems(name, text, project.files)) == [], variant
            languages |= {block.language for block in blocks(name, text)}
    assert languages == {"bash", "inline", "mermaid", "powershell", "text"}


# The section of each block of commands, and the module that runs it.
EXECUTED = {
    ("AGENTS.md", "Commands"): "tests/generation/test_documents.py",
    ("README.md", "Run the tests"): "tests/support/installed_project.py",
    ("README.md", "Run locally"): "tests/generation/test_documents.py",
    ("docs/deploy.md", "Provision and deploy"): "tests/cloud/test_azd.py",
    ("docs/deploy.md", "Run the smoke test"): "tests/cloud/test_azd.py",
    ("docs/deploy.md", "Deploy from GitHub"): "tests/cloud/test_deployment.py",
    ("docs/deploy.md", "Clean up"): "tests/cloud/test_deployment.py",
}


def test_every_block_of_commands_is_executed_by_a_test(baked: Baked) -> None:
    found = {
        (block.document, block.heading)
        for _, project in baked
        for name, text in documents(project).items()
        for block in blocks(name, text)
        if block.language in ("bash", "powershell", "text")
    }
    assert found == EXECUTED.keys()
    for (document, heading), module in EXECUTED.items():
        source = (TEMPLATE.root / module).read_text(encoding="utf-8")
        assert f'"{document}", "{heading}"' in source, module


def test_the_commands_for_agents_are_those_of_the_readme(bakery: Bakery) -> None:
    """`tests/projects` runs those of the README. Agents may let a tool change files."""
    for variant in TEMPLATE.default_variants():
        project = bakery.bake(**variant)
        (commands,) = project.code_blocks("AGENTS.md", "Commands")
        readme = "\n".join(project.code_blocks("README.md", "Run the tests"))
        executed = readme + re.sub(r":check| --check| --verify-no-changes", "", readme)
        unknown = set(commands.replace(" --fix", "").splitlines()) - set(executed.splitlines())
        assert unknown == set(), variant["language"]


def test_the_order_of_the_readme_is_one_that_completes(bakery: Bakery) -> None:
    for variant in TEMPLATE.code_variants("python"):
        project = bakery.bake(**variant)
        (command,) = project.code_blocks("README.md", "Run locally")
        with OrderEndpoint() as endpoint:
            local = seed(command, "localhost:7071", f"127.0.0.1:{endpoint.port}")
            printed = subprocess.run(["bash", "-c", local], capture_output=True, text=True).stdout
        contract = project.json("requests/contract.json")
        good = [case["body"] for case in contract["completed"] if case["output"]["success"]]
        assert endpoint.requests == [("/api/orders", "application/json", good[0])]
        assert "202 Accepted" in printed
        assert "Location: http" in printed


class OrderEndpoint:
    """A local server that accepts each request, and keeps its path, its type and its order."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str | None, Any]] = []
        endpoint = self

        class Accept(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                kind = self.headers["Content-Type"]
                endpoint.requests.append((self.path, kind, json.loads(body)))
                self.send_response(202)
                self.send_header("Location", f"http://127.0.0.1:{endpoint.port}/status")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Accept)
        self.port = self._server.server_port

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def test_the_diagram_shows_each_activity_of_the_pattern(baked: Baked) -> None:
    for variant, project in baked:
        (diagram,) = project.code_blocks("README.md", "How it works", "mermaid")
        for activity in project.json("requests/contract.json")["functions"]["activityTrigger"]:
            words = re.sub("(?!^)([A-Z])", r" \1", activity).lower()
            assert f"[{words}" in diagram, variant


# Messages of other programs, and where they come from.
FOREIGN = {
    "$'\\r': command not found": "bash",
    "AADSTS700213": "Microsoft Entra ID",
    "Cannot find module 'ignore'": "Node.js",
    "Detected package downgrade": "NuGet, NU1605",
    'Failed to detect running Functions host within "300" seconds': "vscode-azurefunctions",
    "Failed to fetch": "uv",
    "Ignoring DURABLE_TASK_SCHEDULER_CONNECTION_STRING setting": "Durable-Task-Scheduler, issue 30",
    "No job functions found": "azure-functions-host",
    "No module named 'azure.durable_functions'": "Python",
    "No module named pip": "Python",
    "No solution found": "uv",
    "Non-Deterministic workflow detected": "durabletask, NonDeterministicOrchestrationException.cs",
    "Port 7071 is unavailable": "azure-functions-core-tools, StartHostAction.cs",
    "RoleAssignmentUpdateNotPermitted": "Azure Resource Manager",
    "SELF_SIGNED_CERT_IN_CHAIN": "Node.js",
    "Storage provider type (azureManaged) was not found": "DurableTaskExtension.cs",
    "Task hub not found": "Durable-Task-Scheduler, issue 42",
    "The built wheel … is not compatible with the target Python": "uv",
    "The provided value for the template parameter 'location' is not valid": "Azure",
    "subscription is not registered to use namespace 'Microsoft.DurableTask'": "Azure",
    "error performing a read operation on the Blob Storage Secret Repository": "host",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE": "Node.js",
    "Unable to find package": "NuGet, NU1101",
    "Unable to find project root": "azure-functions-core-tools, ScriptHostHelpers.cs",
    "Unsupported engine": "npm, EBADENGINE",
    "Worker was unable to load entry point": "azure-functions-nodejs-worker, issue 630",
    "doesn't exist, is disabled, or is not an orchestrator function": "DurableTaskExtension.cs",
    "invalid peer certificate": "uv",
}
NO_MESSAGE = {"Pending", "Running", "pwsh"}  # states and commands in the headings of symptoms


def test_troubleshooting_has_the_messages_that_people_see(baked: Baked) -> None:
    """A message of the project's own scripts is in them, in bash and in PowerShell alike."""
    seen = set()
    for variant, project in baked:
        for message in messages(project.read("docs/troubleshooting.md")) - NO_MESSAGE:
            seen.add(message)
            if message not in FOREIGN:
                assert missing_in(project, message) == [], (variant, message)
    assert FOREIGN.keys() <= seen


def messages(document: str) -> set[str]:
    """Return the messages in the headings."""
    headings = re.findall("^### (.*)$", document, flags=re.MULTILINE)
    return {text for heading in headings for text in re.findall("`([^`]+)`", heading)}


def missing_in(project: Project, message: str) -> list[str]:
    """Return the kinds of scripts that do not have the text of a message between its values."""
    fixed = re.split(r"\b\d+\b|…|\b(?:scheduler|storage)\b|src/\S+\.json|DURABLE_\w+", message)
    text = max(fixed, key=len).strip()
    scripts = {file: project.read(file) for file in project.files if file.startswith("scripts/")}
    have = {file.rpartition(".")[2] for file, content in scripts.items() if text in content}
    return [] if have & {"py", "mjs"} else sorted({"sh", "ps1"} - have)


@pytest.mark.parametrize(
    ("file", "old", "new", "finding"),
    [
        ("README.md", "(docs/settings.md)", "(docs/setting.md)", "leads to no file"),
        ("docs/troubleshooting.md", "#check-the-settings", "#check-settings", "no heading"),
        ("docs/provisioning.md", "`scripts/provision`", "`scripts/provisions`", "there is no"),
        ("docs/settings.md", "src/host.json", "src/host/json", "there is no src/host/json"),
        ("docs/deploy.md", "bash scripts/deploy.sh", "bash scripts/azd.sh", "there is no"),
        ("README.md", "[ship order]", "[ship order", "not a line of a flowchart"),
        ("README.md", "success([success])", "success", "no label: success"),
    ],
)
def test_a_seeded_defect_is_found(
    bakery: Bakery, file: str, old: str, new: str, finding: str
) -> None:
    project = bakery.bake()
    changed = documents(project) | {file: seed(project.read(file), old, new)}
    found = [*broken_links(changed, project.files), *problems(file, changed[file], project.files)]
    assert any(finding in problem for problem in found)


@pytest.mark.parametrize("message", ["docker does not reply", "AADSTS700214"])
def test_an_invented_message_is_found(bakery: Bakery, message: str) -> None:
    assert message not in FOREIGN
    assert missing_in(bakery.bake(), message) == ["ps1", "sh"]
