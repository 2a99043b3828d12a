"""What a shell brings in and what a script leaves behind: tools, variables, folders, signals.

No Mac is needed for what holds there: `test_bash_3_2` looks for what bash 3.2 and BSD tools lack,
and the scripts run without `timeout` and `sha256sum`.
"""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bakery import Bakery
from fakes.function_app import FunctionApp

from .support.operator import (
    GROUP,
    SHELLS,
    Operator,
    copy_state,
    require_azure,
    tallied,
)
from .support.subscription import hide

tally = tallied("shell environment")
REPOSITORY = {"GITHUB_REPOSITORY": "contoso/orders"}


@pytest.fixture(scope="module")
def provisioned(bakery: Bakery, tmp_path_factory: pytest.TempPathFactory, tally: Any) -> Operator:
    """Return an operator of the default project who has run `provision` with bash."""
    require_azure("bash")
    operator = Operator(bakery.bake().path, "bash", tmp_path_factory.mktemp("provisioned"), tally)
    operator.succeed("provision")
    return operator


@pytest.fixture(params=SHELLS)
def begin(
    request: pytest.FixtureRequest, provisioned: Operator, tmp_path: Path, tally: Any
) -> Callable[..., Operator]:
    """Return a function that makes an operator, in each shell, who begins after `provision`."""
    require_azure(request.param)

    def operator(*tools: str) -> Operator:
        new = Operator(provisioned.project, request.param, tmp_path, tally, ("az", *tools))
        return copy_state(provisioned, new)

    return operator


@pytest.fixture
def app() -> Iterator[FunctionApp]:
    with FunctionApp() as served:
        yield served


def wrap(person: Operator, tool: str, script: str) -> None:
    """Put a shell script before a tool; it finds the tool as $TOOL."""
    real = person.azure.bin / f"{tool}-itself"
    shim = person.azure.bin / tool
    shim.rename(real)
    shim.write_text(f'#!/bin/bash\nTOOL="{real}"\n{script}\n')
    shim.chmod(0o755)


# Windows tools in WSL ------------------------------------------------------------------------

WINDOWS = r"""set -o pipefail
{ "$TOOL" "$@" 2>&1 >&3 | sed 's/$/\r/' >&2; } 3>&1 | sed 's/$/\r/'"""


def test_tools_that_end_lines_in_cr_lf(
    provisioned: Operator, tmp_path: Path, tally: Any, bakery: Bakery, app: FunctionApp
) -> None:
    """Azure CLI and GitHub CLI of Windows, called from bash in WSL (azure-cli#13573, #16695)."""
    person = Operator(bakery.bake().path, "bash", tmp_path, tally, ("az", "gh"))
    for tool in ("az", "gh"):
        wrap(person, tool, WINDOWS)
    person.serve(app)
    result = person.succeed("provision")
    assert "\r" not in result.stdout
    expected, state = provisioned.azure.end_state(), person.azure.end_state()
    assert {key: each for key, each in state.items() if key != "generated"} == expected
    person.succeed("provision")
    person.succeed("deploy")
    assert [order["id"] for order in app.orders] == ["smoke-test"]
    person.succeed("configure-github", **REPOSITORY)
    assert "\\r" not in str(person.azure.end_state())
    assert len(person.azure.read()["github"]["variables"]) == 4
    person.succeed("teardown", CONFIRM=GROUP)
    assert person.azure.resources() == {}


# Variables ------------------------------------------------------------------------------------

# What others may have set: the names that these scripts once used, and some that are common.
FOREIGN = ("APP_URL", "FUNCTION_KEY", "DASHBOARD_URL", "SMOKE_TEST_URL", "SMOKE_TEST_KEY", "host")


def test_the_key_goes_to_the_host_that_azure_names(begin: Callable, app: FunctionApp) -> None:
    person = begin()
    person.serve(app)
    with FunctionApp() as foreign:
        result = person.succeed("deploy", **dict.fromkeys(FOREIGN, foreign.url))
    assert foreign.requests == []
    assert [order["id"] for order in app.orders] == ["smoke-test"]
    assert result.stdout.splitlines()[-1].startswith(
        "The smoke order is Completed: instance order-1"
    )


SESSION = """
$global:LASTEXITCODE = 7
$PSNativeCommandUseErrorActionPreference = $true
$ErrorActionPreference = 'Stop'
function Get-Session {
    "folder $PWD"
    Get-ChildItem env: | ForEach-Object { "env $($_.Name)=$($_.Value)" }
    Get-Variable -Scope Global |
        Where-Object Name -NotIn '?', '^', '$', 'before', 'Error', 'Matches', 'PWD' |
        ForEach-Object { "variable $($_.Name)" }
    Get-ChildItem function: | ForEach-Object { "function $($_.Name)" }
}
Set-Location .. # so that a changed folder is seen
$before = Get-Session
SCRIPT
if ($LASTEXITCODE -ne 0) { exit 9 }
Compare-Object $before @(Get-Session) | ForEach-Object { "LEFT $($_.InputObject)" }
exit 0
"""


@pytest.mark.parametrize(
    "script",
    ["doctor", "provision", "configure-identity", "deploy", "configure-github", "teardown"],
)
def test_powershell_scripts_leave_nothing_in_the_session(
    provisioned: Operator, tmp_path: Path, tally: Any, app: FunctionApp, script: str
) -> None:
    """They run in the session of the person who calls them as ./scripts/deploy.ps1."""
    require_azure("powershell")
    person = Operator(provisioned.project, "powershell", tmp_path, tally, ("az", "gh"))
    copy_state(provisioned, person)
    person.serve(app)
    block = tmp_path / "session.ps1"
    block.write_text(
        SESSION.replace("SCRIPT", f"./checkout/scripts/{script}.ps1"), encoding="utf-8"
    )
    result = person.execute(["pwsh", "-NoProfile", str(block)], CONFIRM=GROUP, **REPOSITORY)
    assert result.exit == 0, result.stdout + result.stderr
    assert "LEFT" not in result.stdout


@pytest.mark.parametrize("script", ["provision", "deploy", "teardown"])
def test_cdpath_changes_nothing(
    provisioned: Operator, tmp_path: Path, tally: Any, app: FunctionApp, script: str
) -> None:
    """With it, `cd scripts` goes to another folder of that name."""
    person = copy_state(provisioned, Operator(provisioned.project, "bash", tmp_path, tally))
    person.serve(app)
    for folder in ("scripts", "src", "package"):
        (tmp_path / "elsewhere" / folder).mkdir(parents=True)
    person.succeed(script, CDPATH=str(tmp_path / "elsewhere"), CONFIRM=GROUP)


@pytest.mark.parametrize("provisioning", ["azure-cli", "bicep"])
@pytest.mark.parametrize("language", ["python", "csharp", "typescript", "javascript"])
def test_folders_are_changed_with_care(bakery: Bakery, language: str, provisioning: str) -> None:
    """The rule for scripts that need tools which are missing here, such as Docker."""
    scripts = bakery.bake(language=language, provisioning=provisioning).path / "scripts"
    for script in scripts.glob("*.ps1"):
        text = script.read_text(encoding="utf-8")
        assert "Activate.ps1" not in re.sub(r"(?m)#.*$", "", text), script.name
        if re.search(r"(Set|Push)-Location", text):
            assert re.search(r"(?s)finally \{[^}]*Pop-Location", text), script.name
    for script in scripts.glob("*.sh"):
        for line in script.read_text(encoding="utf-8").splitlines():
            if re.search(r"\bcd \S*\$\(dirname", line):
                assert 'CDPATH="" cd' in line, f"{script.name}: {line}"


# A time limit and Ctrl+C ----------------------------------------------------------------------

# The Azure CLI of Debian is a script that starts Python, which keeps the pipe open.
HANGING = """case "$*" in *"storage account"*) echo $$ >"${0%/*}/started"; sleep 600; exit 0 ;; esac
"$TOOL" "$@"
"""
LIMITED = {"AZ_TIMEOUT": "3"}


def without(person: Operator, *programs: str) -> dict[str, str]:
    """Return a PATH that lacks some programs of the machine."""
    links = person.azure.folder / "programs"
    folders = [
        hide(Path(each), [*programs], links) for each in os.environ["PATH"].split(os.pathsep)
    ]
    return {"PATH": os.pathsep.join([str(person.azure.bin), *folders])}


def alive(person: Operator) -> bool:
    """Return whether the Azure CLI that hangs, or what it has started, still runs."""
    number = (person.azure.bin / "started").read_text().strip()
    found = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,stat="], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split() for line in found.splitlines()]
    return any(number in row[:2] and not row[2].startswith("Z") for row in rows)


@pytest.mark.parametrize("missing", [(), ("timeout", "sha256sum")], ids=["Linux", "macOS"])
def test_the_limit_ends_the_azure_cli_with_all_that_it_started(
    begin: Callable, missing: tuple[str, ...]
) -> None:
    person = begin()
    wrap(person, "az", HANGING)
    started = time.monotonic()
    result = person.run("provision", **LIMITED, **without(person, *missing))
    assert result.exit == 1
    sentence = result.stderr.splitlines()[-1]
    assert sentence.startswith("The Azure CLI did not answer within 3 seconds: check the network")
    assert time.monotonic() - started < 60
    assert not alive(person)


@pytest.mark.parametrize("missing", [(), ("timeout", "sha256sum")], ids=["Linux", "macOS"])
def test_ctrl_c_ends_a_call(begin: Callable, missing: tuple[str, ...]) -> None:
    """A terminal sends the signal to all processes of its foreground group."""
    person = begin()
    wrap(person, "az", HANGING)
    program, suffix = SHELLS[person.shell]
    variables = person.azure._variables(person.azure.folder / "log") | without(person, *missing)
    process = subprocess.Popen(
        [program, f"scripts/provision.{suffix}"],
        cwd=person.project,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # A test run in the background ignores the signal, and its processes inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    with process:
        try:
            for _ in range(600):
                if (person.azure.bin / "started").exists():
                    break
                time.sleep(0.1)
            os.killpg(process.pid, signal.SIGINT)
            _, errors = process.communicate(timeout=60)
        finally:
            process.kill()
    assert errors.strip() == ""
    if person.shell == "bash":  # PowerShell's host decides by itself
        assert process.returncode == 130
    assert not alive(person)


# bash 3.2 and BSD tools -----------------------------------------------------------------------

NOT_IN_3_2 = {
    r"\b(mapfile|readarray)\b": "mapfile",
    r"\b(declare|local|typeset) -[a-zA-Z]*[Ang]": "declare -A, -n, -g",
    r"\$\{[^}]*(,,|\^\^|@[QPAEaLUu])": "case conversion and transformation",
    r"&>>|\|&": "&>> and |&",
    r"\$BASHPID|\$EPOCHSECONDS|\$EPOCHREALTIME|\$SRANDOM": "newer variables",
    r"\bwait -n\b|\bcoproc\b": "wait -n, coproc",
    r"\[\[ -v ": "[[ -v",
    r"\bprintf '%\(": "printf of times",
    r"\$\{\w+:? -\d|\$\{\w+: -?\d*: -": "negative lengths",
    r"\bshopt -s (globstar|lastpipe|inherit_errexit)": "newer options",
    r";;&|;&": "fall through",
    r"[$<>]\(\s*case\b": "case in a substitution",
}
NOT_IN_BSD = {
    r"\bsed (-[a-z]* )*-[a-z]*[ri]\b": "sed -r, -i",
    r"\bgrep (-[a-zA-Z]* )*-[a-zA-Z]*P": "grep -P",
    r"\bdate (-d|--date)": "date -d",
    r"\breadlink -f|\brealpath\b": "readlink -f",
    r"\btimeout\b": "timeout",
    r"\bsort (-[a-zA-Z]* )*-[a-zA-Z]*V": "sort -V",
    r"\bmktemp (?!-d\)|-d$|\))": "mktemp with options",
    r"\bxargs (-[a-z]* )*-[rd]": "xargs -r",
    r"\bstat -c": "stat -c",
    r"\bcp (-[a-zA-Z]* )*--": "long options of cp",
    r"\bhead -n -|\btac\b|\bnproc\b|\bseq -w": "GNU tools",
    r"\bfind [^|;]*-printf": "find -printf",
}


def offences(text: str) -> list[str]:
    """Return what a script has that bash 3.2 or BSD tools lack; comments do not count."""
    code = re.sub(r"^\s*#.*$|\s# .*$", "", text, flags=re.MULTILINE)
    code = re.sub(r"\bsha256sum >/dev/null; then sha256sum; else shasum", "", code)
    return [name for rule, name in (NOT_IN_3_2 | NOT_IN_BSD).items() if re.search(rule, code, re.M)]


@pytest.mark.parametrize("provisioning", ["azure-cli", "bicep"])
@pytest.mark.parametrize("language", ["python", "csharp", "typescript", "javascript"])
def test_bash_3_2(bakery: Bakery, language: str, provisioning: str) -> None:
    project = bakery.bake(language=language, provisioning=provisioning)
    scripts = sorted((project.path / "scripts").glob("*.sh"))
    assert len(scripts) >= 4
    for script in scripts:
        assert offences(script.read_text(encoding="utf-8")) == [], script.name


@pytest.mark.parametrize(
    "line",
    [
        "mapfile -t lines <file",
        "local -n other=$1",
        "declare -A table",
        'echo "${name,,}"',
        'echo "${name@Q}"',
        "run &>>log",
        "run |& tee log",
        "kill $BASHPID",
        "value=$(case $1 in a) echo b ;; esac)",
        "sed -i 's/a/b/' file",
        "sed -n -r 's/a/b/' file",
        "grep -oP 'a' file",
        "date -d tomorrow",
        "readlink -f .",
        "timeout 5 az",
        "sort -V file",
        "xargs -r rm",
    ],
)
def test_a_seeded_offence_is_found(line: str) -> None:
    assert len(offences(f"set -e\n{line}\n")) == 1


def test_bash_itself_accepts_every_script(bakery: Bakery) -> None:
    for provisioning in ("azure-cli", "bicep"):
        for script in (bakery.bake(provisioning=provisioning).path / "scripts").glob("*.sh"):
            subprocess.run([shutil.which("bash") or "bash", "-n", str(script)], check=True)
