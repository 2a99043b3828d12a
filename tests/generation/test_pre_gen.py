"""Bad answers are refused: all at once, with the way out, and with nothing left on disk."""

import io
import os
import shlex
import sys
from pathlib import Path

import pytest
from cookiecutter.utils import create_env_with_context

import hooks
from bakery import Renderer, run_cookiecutter
from template import TEMPLATE

pre_gen = hooks.load("pre_gen_project")
DEFAULTS = Renderer().context({})


def problems(**answers: str) -> list[str]:
    return pre_gen.problems(DEFAULTS | answers)


def test_the_defaults_are_good() -> None:
    assert problems() == []


LINE = "without spaces at its ends, line breaks or invisible characters."
NAME = f"project_name must be one line of 1 to 60 printable characters, {LINE}"
DESCRIPTION = f"description must be one line of 1 to 200 printable characters, {LINE}"
AUTHOR = f"author_name must be one line of 1 to 100 printable characters, {LINE}"
SLUG = (
    "project_slug must be 3 to 32 lower-case letters (a-z), digits or single hyphens, start with a"
    " letter and not end with a hyphen, as in order-workflow."
)
RESERVED = (
    "project_slug must not be a name that Windows or Azure reserves, as con or azure, nor start"
    " with login, nor contain microsoft or windows: choose another, as in order-workflow."
)
LANGUAGE = (
    "language does not fit what was derived from it: a replay file repeats its answers and cannot"
    " change them. Give the answers as key=value instead."
)
LOCATION = (
    "azure_location must be the short name of an Azure region, lower-case letters (a-z) and then"
    " digits, as in centralus. The Durable Task Scheduler is known to be in australiaeast,"
    " centralus, eastasia, eastus2, northcentralus, northeurope, southeastasia, swedencentral,"
    " uksouth, westus2."
)
HUB = (
    "task_hub_name must be 3 to 64 letters (A-Z, a-z), digits or single hyphens, and neither start"
    " nor end with a hyphen, as in default."
)


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        ({"project_name": ""}, NAME),
        ({"project_name": " "}, NAME),
        ({"project_name": "x" * 61}, NAME),
        ({"project_name": "two\nlines"}, NAME),
        ({"project_name": "ends with a newline\n"}, NAME),
        ({"project_name": "right\u202eto left override"}, NAME),
        ({"project_name": "tab\there"}, NAME),
        (
            {"project_name": "half of a character \ud800"},
            f"{NAME} The terminal did not pass it as UTF-8: set PYTHONUTF8=1.",
        ),
        ({"description": ""}, DESCRIPTION),
        ({"description": "x" * 201}, DESCRIPTION),
        ({"description": "two\r\nlines"}, DESCRIPTION),
        ({"author_name": ""}, AUTHOR),
        ({"author_name": "x" * 101}, AUTHOR),
        ({"author_name": "a\x00b"}, AUTHOR),
        ({"project_slug": ""}, SLUG),
        ({"project_slug": "ab"}, SLUG),
        ({"project_slug": "a" * 33}, SLUG),
        ({"project_slug": "1shop"}, SLUG),
        ({"project_slug": "-shop"}, SLUG),
        ({"project_slug": "shop-"}, SLUG),
        ({"project_slug": "my--shop"}, SLUG),
        ({"project_slug": "My-Shop"}, SLUG),
        ({"project_slug": "my_shop"}, SLUG),
        ({"project_slug": "shop."}, SLUG),
        ({"project_slug": "shop\n"}, SLUG),
        ({"project_slug": "../shop"}, SLUG),
        ({"project_slug": "a/b"}, SLUG),
        ({"project_slug": "shöp"}, SLUG),
        ({"project_slug": "con"}, RESERVED),
        ({"project_slug": "lpt9"}, RESERVED),
        ({"project_slug": "azure"}, RESERVED),
        ({"project_slug": "login-service"}, RESERVED),
        ({"project_slug": "for-microsoft"}, RESERVED),
        ({"project_slug": "micro-softly"}, RESERVED),
        ({"project_slug": "win-dows"}, RESERVED),
        ({"language": "csharp"}, LANGUAGE),
        ({"language": "cobol"}, LANGUAGE),
        ({"license": '"""'}, "license must be one of the choices in the README."),
        ({"azure_location": ""}, LOCATION),
        ({"azure_location": "Central US"}, LOCATION),
        ({"azure_location": "CentralUS"}, LOCATION),
        ({"azure_location": "central-us"}, LOCATION),
        ({"azure_location": "2eastus"}, LOCATION),
        ({"azure_location": "centralus\n"}, LOCATION),
        ({"azure_location": "a" * 65}, LOCATION),
        ({"azure_location": "zürich"}, LOCATION),
        ({"task_hub_name": ""}, HUB),
        ({"task_hub_name": "ab"}, HUB),
        ({"task_hub_name": "a" * 65}, HUB),
        ({"task_hub_name": "my_hub"}, HUB),
        ({"task_hub_name": "-hub"}, HUB),
        ({"task_hub_name": "hub-"}, HUB),
        ({"task_hub_name": "my--hub"}, HUB),
        ({"task_hub_name": "hub\n"}, HUB),
        ({"task_hub_name": "hüb"}, HUB),
    ],
)
def test_a_bad_answer_is_named(answers: dict[str, str], problem: str) -> None:
    assert problems(**answers) == [problem]


@pytest.mark.parametrize(
    "answers",
    [
        {"project_name": "O'Neil's \"Shop\" \\ Söhne & 商店 📦"},
        {"project_name": "x"},
        {"project_name": "x" * 60},
        {"description": "x" * 200},
        {"author_name": "x" * 100},
        {"project_slug": "abc"},
        {"project_slug": "a" * 32},
        {"project_slug": "a-1-b"},
        {"project_slug": "relogin-azure"},
        {"azure_location": "eastus2"},
        {"azure_location": "aregionofthefuture3"},
        {"task_hub_name": "1ab"},
        {"task_hub_name": "A" * 64},
        {"task_hub_name": "My-Hub-1"},
    ],
)
def test_a_good_answer_is_taken(answers: dict[str, str]) -> None:
    assert problems(**answers) == []


def test_every_typed_question_has_a_rule() -> None:
    typed = TEMPLATE.questions.keys() - TEMPLATE.choices.keys()
    found = problems(**dict.fromkeys(typed, "\n"))
    assert {problem.split()[0] for problem in found} == typed


def test_all_problems_are_reported_at_once_with_the_command_to_run_again(tmp_path: Path) -> None:
    run = run_cookiecutter(
        "--no-input",
        "project_slug=My Shop",
        "project_name= ",
        "author_name=Bob's Shop",
        cwd=tmp_path,
    )

    assert run.returncode == 1
    lines = run.stderr.splitlines()
    assert lines[:2] == [NAME, SLUG]
    assert lines[3] == "No project was written. Fill in each ... and run:"
    arguments = split(lines[4])
    assert "--no-input" in arguments
    assert {"project_name=...", "project_slug=...", "author_name=Bob's Shop"} <= set(arguments)
    assert [path for path in tmp_path.iterdir() if path.name != ".home"] == []


def test_the_command_to_run_again_works_once_it_is_filled_in(tmp_path: Path) -> None:
    run = run_cookiecutter(
        "--no-input", "project_slug=Bad", "description=It's \\ quoted", cwd=tmp_path
    )
    command = run.stderr.splitlines()[3].replace("project_slug=...", "project_slug=good-slug")
    arguments = split(command)
    template = arguments.index(str(TEMPLATE.root))

    again = run_cookiecutter(
        *arguments[template - 3 : template], *arguments[template + 1 :], cwd=tmp_path
    )

    assert again.returncode == 0, again.stderr
    readme = (tmp_path / "good-slug" / "README.md").read_text(encoding="utf-8")
    assert "It's \\\\ quoted" in readme


def split(command: str) -> list[str]:
    """Split a command line as the shell of this system does."""
    if os.name != "nt":
        return shlex.split(command)
    return [part.strip('"') for part in shlex.split(command, posix=False)]


@pytest.mark.skipif(os.name == "nt", reason="the command has ... for these on Windows")
@pytest.mark.parametrize(
    "answer", ["Shop {{ 6 * 7 }}", "{% raw %}", "<## x", "{# x #}", 'It\'s $5 \\ "quoted"']
)
def test_the_command_to_run_again_keeps_braces_and_quotes(answer: str) -> None:
    context = DEFAULTS | {"project_name": answer, "_template": "template", "_output_dir": "out"}
    arguments = split(pre_gen.rerun_command(context, {"project_slug"}))
    (name,) = [part for part in arguments if part.startswith("project_name=")]

    template = create_env_with_context({}).from_string(name.partition("=")[2])
    assert template.render() == answer


def test_the_command_to_run_again_names_the_checkout() -> None:
    context = DEFAULTS | {"_template": "template", "_output_dir": "out", "_checkout": "v1"}
    assert "--checkout v1 template" in pre_gen.rerun_command(context, set())


def test_the_command_to_run_again_leaves_out_what_a_shell_of_windows_would_change(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    context = DEFAULTS | {"_template": "template", "_output_dir": "out"}
    context |= {"description": "Costs $HOME", "author_name": 'The "Shop"', "license": "MIT"}
    context |= {"project_name": "Shop {{ 6 }}"}  # repeated as a text in quotes
    with monkeypatch.context() as windows:
        windows.setattr(os, "name", "nt")
        command = pre_gen.rerun_command(context, set())

    assert "description=..." in command
    assert "author_name=..." in command
    assert "project_name=..." in command
    assert "license=MIT" in command


def test_the_command_to_run_again_leaves_out_what_the_console_cannot_show(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    context = DEFAULTS | {"_template": "template", "_output_dir": "out", "author_name": "José"}

    assert "author_name=..." in pre_gen.rerun_command(context, set())


def test_a_refusal_in_cruft_says_to_run_cruft_again(capsys: pytest.CaptureFixture) -> None:
    assert pre_gen.main(DEFAULTS | {"task_hub_name": "-"}) == 1

    error = capsys.readouterr().err
    assert error == f"{HUB}\n\nNo project was written. Correct the answers, then run cruft again.\n"


@pytest.mark.parametrize("value", [None, True, 7, [], {}])
def test_an_answer_that_is_no_text_is_a_problem_of_its_question(value: object) -> None:
    assert pre_gen.problems(DEFAULTS | {"author_name": value}) == [AUTHOR]


@pytest.mark.parametrize("slug", ["a/b", "a/b/c", "../x", "../x/y", "..", "/tmp/evil/x"])
def test_a_slug_that_is_a_path_leaves_no_file_behind(tmp_path: Path, slug: str) -> None:
    output = tmp_path / "deep" / "output"
    output.mkdir(parents=True)
    slug = slug.replace("/tmp/evil", str(tmp_path / "evil"))

    run = run_cookiecutter("--no-input", f"project_slug={slug}", cwd=output)

    assert run.returncode != 0
    left = [path for path in tmp_path.rglob("*") if ".home" not in path.parts]
    assert [path for path in left if not path.is_dir()] == []


def test_a_bad_answer_does_not_touch_an_existing_project(tmp_path: Path) -> None:
    run_cookiecutter("--no-input", cwd=tmp_path)
    project = tmp_path / "order-workflow"
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}

    run = run_cookiecutter("--no-input", "-f", "task_hub_name=-", cwd=tmp_path)

    assert run.returncode == 1
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == before
