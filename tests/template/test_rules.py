"""The rules of the template hold, and each finds its seeded defect."""

import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import rules

from template import (
    PROJECT_FOLDER,
    TEMPLATE,
    Template,
    files_below,
    tracked_texts,
)

ROOT = TEMPLATE.root
OVERLAYS = TEMPLATE.project / "_overlays"


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_the_template_keeps_the_rule(rule: Callable) -> None:
    problems = list(rule(TEMPLATE))
    assert not problems, "\n".join(problems)


def test_scripts_that_name_their_shell_can_be_run() -> None:
    """Cookiecutter keeps the modes that git has; `-f` would take back what a user has set."""
    listed = subprocess.run(
        ["git", "ls-files", "--stage", "-z", "*.sh"],
        cwd=TEMPLATE.project,
        check=True,
        capture_output=True,
        encoding="utf-8",
    ).stdout
    modes = {line.partition("\t")[2]: line[:6] for line in listed.split("\0") if line}
    assert modes
    for path, mode in modes.items():
        shebang = (TEMPLATE.project / path).read_text(encoding="utf-8").startswith("#!")
        assert mode == ("100755" if shebang else "100644"), path


SMALL_CONTEXT = {
    "project_slug": "shop",
    "language": ["python", "csharp"],
    "pattern": ["saga", "monitor"],
    "__prompts__": {
        "project_slug": "Folder",
        "language": {"__prompt__": "Language", "python": "Python", "csharp": "C#"},
        "pattern": {"__prompt__": "Pattern", "saga": "Saga", "monitor": "Monitor"},
    },
    "_overlay_questions": ["language", "pattern"],
    "_copy_without_render": ["_overlays"],
}
SMALL_FILES = [
    "README.md",
    "src/host.json",
    "_overlays/python/src/app.py",
    "_overlays/csharp/src/App.cs",
    "_overlays/python+saga/src/orchestrator.py",
    "_overlays/python+monitor/src/orchestrator.py",
    "_overlays/csharp+saga/src/Orchestrator.cs",
    "_overlays/csharp+monitor/src/Orchestrator.cs",
]


@pytest.fixture
def small_template(tmp_path: Path) -> Callable[..., Template]:
    """Return a function that creates a small template with the given defects."""

    def create(
        *files: str, ignored: tuple[str, ...] = (), untracked: tuple[str, ...] = (), **context
    ) -> Template:
        _write(tmp_path / "cookiecutter.json", json.dumps(SMALL_CONTEXT | context))
        _write(tmp_path / "tests/data/action-pins.json", "{}")
        _write(tmp_path / ".gitignore", "\n".join(Path(file).name for file in ignored))
        for file in (*SMALL_FILES, *files, *ignored):
            _write(tmp_path / PROJECT_FOLDER / file, "text\n")
        subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
        subprocess.run(["git", "add", "-A"], cwd=tmp_path, check=True)
        for file in untracked:
            _write(tmp_path / PROJECT_FOLDER / file, "text\n")
        return Template(tmp_path)

    return create


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_a_template_without_defects_keeps_every_rule(small_template: Callable) -> None:
    template = small_template()
    assert [problem for rule in rules.RULES for problem in rule(template)] == []


DEFECTS = [
    pytest.param(
        rules.choices_are_unique,
        {"pattern": ["saga", "python"]},
        [],
        "python is a choice of language and of pattern",
        id="a choice of two questions",
    ),
    pytest.param(
        rules.questions_are_explained,
        {"author": "me"},
        [],
        "author has a prompt or a question, but not both",
        id="a question without a prompt",
    ),
    pytest.param(
        rules.questions_are_explained,
        {"language": ["python", "csharp", "java"]},
        [],
        "the labels of language are not those of its choices",
        id="a choice without a label",
    ),
    pytest.param(
        rules.overlay_questions_are_those_with_choices,
        {"_overlay_questions": ["language"]},
        [],
        "_overlay_questions must be ['language', 'pattern']",
        id="a question that selects no overlay",
    ),
    pytest.param(
        rules.overlays_name_choices,
        {},
        ["_overlays/python+sage/a.py"],
        "_overlays/python+sage: no question offers sage",
        id="an overlay named after an unknown choice",
    ),
    pytest.param(
        rules.overlays_name_choices,
        {},
        ["_overlays/python+csharp/a.py"],
        "_overlays/python+csharp: two parts are about one question, so nobody can select it",
        id="an overlay nobody can select",
    ),
    pytest.param(
        rules.alternatives_are_some_choices_of_a_question,
        {},
        ["_overlays/python,saga/a.py"],
        "_overlays/python,saga: python, saga are not choices of one question",
        id="alternatives of two questions",
    ),
    pytest.param(
        rules.alternatives_are_some_choices_of_a_question,
        {},
        ["_overlays/monitor,saga/a.py"],
        "_overlays/monitor,saga: alternatives are in the order of cookiecutter.json, each once",
        id="alternatives in another order",
    ),
    pytest.param(
        rules.alternatives_are_some_choices_of_a_question,
        {},
        ["_overlays/saga,saga/a.py"],
        "_overlays/saga,saga: alternatives are in the order of cookiecutter.json, each once",
        id="an alternative twice",
    ),
    pytest.param(
        rules.alternatives_are_some_choices_of_a_question,
        {},
        ["_overlays/python+saga,monitor/a.py"],
        "_overlays/python+saga,monitor: saga, monitor are all choices, so the part selects nothing",
        id="alternatives that are all choices",
    ),
    pytest.param(
        rules.overlays_of_lone_questions_are_not_combined,
        {"license": ["MIT", "none"]},
        ["_overlays/python+MIT/LICENSE"],
        "_overlays/python+MIT combines a choice of license, which tests bake alone",
        id="an overlay of a choice that is baked alone",
    ),
    pytest.param(
        rules.patterns_are_complete,
        {"pattern": ["saga", "monitor", "aggregator"]},
        ["_overlays/python+aggregator/src/orchestrator.py"],
        "aggregator in csharp lacks src/Orchestrator.cs, which saga has",
        id="a pattern that a language lacks",
    ),
    pytest.param(
        rules.patterns_are_complete,
        {},
        ["_overlays/csharp+saga/tests/Tests.cs"],
        "monitor in csharp lacks tests/Tests.cs, which saga has",
        id="a pattern that lacks a file",
    ),
    pytest.param(
        rules.patterns_are_complete,
        {},
        ["_overlays/saga/requests/orders.http"],
        "monitor in python lacks requests/orders.http, which saga has",
        id="a pattern that lacks its data",
    ),
    pytest.param(
        rules.paths_have_one_owner,
        {},
        ["_overlays/python/README.md"],
        "readme.md is in the shared tree and in _overlays/python",
        id="a path of the shared tree and of an overlay",
    ),
    pytest.param(
        rules.paths_have_one_owner,
        {},
        ["_overlays/saga/src/app.py"],
        "src/app.py is in _overlays/python and in _overlays/saga",
        id="a path of two overlays",
    ),
    pytest.param(
        rules.paths_have_one_owner,
        {},
        ["_overlays/saga/SRC/App.py"],
        "src/app.py is in _overlays/python and in _overlays/saga",
        id="a path of two overlays in another case",
    ),
    pytest.param(
        rules.paths_have_one_owner,
        {"language": ["python", "csharp", "java"]},
        ["_overlays/python,java/b.txt", "_overlays/csharp,java/b.txt"],
        "b.txt is in _overlays/csharp,java and in _overlays/python,java",
        id="a path of two overlays with a common alternative",
    ),
    pytest.param(
        rules.paths_have_one_owner,
        {},
        ["_overlays/saga/a.txt", "_rendered/saga/a.txt"],
        "a.txt is in _overlays/saga and in _rendered/saga",
        id="a path that is copied and rendered",
    ),
    pytest.param(
        rules.directory_names_are_plain,
        {},
        ["{% if x %}docs{% endif %}/a.md"],
        "{{cookiecutter.project_slug}}/{% if x %}docs{% endif %} has a tag in its name",
        id="a conditional directory",
    ),
    pytest.param(
        rules.paths_are_portable,
        {},
        ["src/a:b.txt"],
        "src/a:b.txt has a name that Windows does not allow",
        id="a character that Windows refuses",
    ),
    pytest.param(
        rules.paths_are_portable,
        {},
        ["src/trailing."],
        "src/trailing. has a name that Windows does not allow",
        id="a name that ends in a dot",
    ),
    pytest.param(
        rules.paths_are_portable,
        {},
        ["src/aux.txt"],
        "src/aux.txt has a name that Windows does not allow",
        id="a device name of Windows",
    ),
    pytest.param(
        rules.paths_are_portable,
        {},
        [f"src/{'long/' * 30}a"],
        f"src/{'long/' * 30}a is longer than 120 characters",
        id="a path that is too long",
    ),
    pytest.param(
        rules.project_folder_is_tracked,
        {"untracked": ("src/new.py",)},
        [],
        "src/new.py is not tracked by git, but would be baked",
        id="an untracked file",
    ),
    pytest.param(
        rules.project_folder_is_tracked,
        {"ignored": ("src/app.pyc",)},
        [],
        "src/app.pyc is not tracked by git, but would be baked",
        id="an ignored file",
    ),
    pytest.param(
        rules.copied_directories_are_overlays,
        {"_copy_without_render": ["src"]},
        [],
        "src copies the directory src, which is not _overlays",
        id="a copied directory outside the overlays",
    ),
    pytest.param(
        rules.copied_directories_are_overlays,
        {"_copy_without_render": ["*"]},
        [],
        "* copies the directory src, which is not _overlays",
        id="a pattern that copies everything",
    ),
    pytest.param(
        rules.files_are_in_the_folder_of_their_kind,
        {},
        ["_rendered/python/plain.txt"],
        "_rendered/python/plain.txt has no answer: move it to the other folder",
        id="a rendered file without a tag",
    ),
    pytest.param(
        rules.copy_patterns_are_used,
        {"_copy_without_render": ["_overlays/pyton"]},
        [],
        "_overlays/pyton matches no file",
        id="a pattern that matches nothing",
    ),
]


@pytest.mark.parametrize(("rule", "context", "files", "problem"), DEFECTS)
@pytest.mark.skipif(os.name == "nt", reason="Windows does not allow these names")
def test_a_seeded_defect_is_found(
    small_template: Callable, rule: Callable, context: dict, files: list[str], problem: str
) -> None:
    assert problem in list(rule(small_template(*files, **context)))


def test_a_copied_file_with_a_tag_is_found(small_template: Callable) -> None:
    template = small_template()
    _write(template.project / "_overlays/python/title.md", "# {{ cookiecutter.project_slug }}\n")

    assert list(rules.files_are_in_the_folder_of_their_kind(template)) == [
        "_overlays/python/title.md has a tag: move it to the other folder"
    ]


def test_an_invented_commit_is_found(small_template: Callable) -> None:
    template = small_template()
    commit = "0123456789abcdef" * 2 + "01234567"
    _write(template.project / "README.md", f"uses: actions/checkout@{commit}\n")

    assert list(rules.commits_are_pinned_ones(template)) == [
        f"{PROJECT_FOLDER}/README.md has the commit {commit}, which is not a pinned one"
    ]


def test_text_files_are_utf8_with_unix_line_ends_and_a_final_newline() -> None:
    for name in tracked_texts(ROOT):
        content = (ROOT / name).read_bytes()
        content.decode("utf-8")
        assert b"\r" not in content, name
        assert not content or content.endswith(b"\n"), name


def test_the_organisation_is_written_as_in_pyproject() -> None:
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (repository,) = re.findall(r"https://github\.com/([\w.-]+/[\w.-]+)", pyproject)
    for name in ("README.md", "CONTRIBUTING.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        for found in re.findall(r"(?:gh:|github\.com/)([\w.-]+/cookiecutter-[\w-]+)", text):
            assert found == repository, name


def test_ruff_is_the_one_of_generated_projects() -> None:
    generated = (OVERLAYS / "python/requirements-dev.txt").read_text(encoding="utf-8")
    (pin,) = re.findall(r"^ruff==\S+$", generated, flags=re.MULTILINE)
    assert f'"{pin}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_source_code_and_package_files_have_no_answer() -> None:
    code = {".py", ".cs", ".ts", ".js", ".toml", ".csproj", ".props", ".slnx"}
    packages = {"package.json", "package-lock.json", "requirements.txt", "global.json"}
    for path in TEMPLATE.project.rglob("*"):
        if path.suffix in code or path.name in packages:
            assert "cookiecutter." not in path.read_text(encoding="utf-8"), path


def test_csharp_packages_are_those_that_restore_together() -> None:
    """AzureManaged below 1.8.1 does not; the registry is that of the machine."""
    text = (OVERLAYS / "csharp/Directory.Packages.props").read_text(encoding="utf-8")
    (version,) = re.findall(r'AzureManaged" Version="(\d+)\.(\d+)\.(\d+)"', text)
    assert tuple(map(int, version)) >= (1, 8, 1)
    assert not [path for path in TEMPLATE.project.rglob("*") if path.name.lower() == "nuget.config"]


PACKAGE_FILES = ("package.json", "package-lock.json")
NODE_OVERLAYS = [OVERLAYS / name for name in ("typescript", "javascript")]


def test_typescript_and_javascript_have_the_same_files() -> None:
    """Each source file and each test of one language has its twin in the other."""
    for suffix in ("", *(f"+{pattern}" for pattern in TEMPLATE.choices["pattern"])):
        typescript, javascript = (
            {path.with_suffix("") for path in files_below(OVERLAYS / (name + suffix))}
            for name in ("typescript", "javascript")
        )
        assert typescript - {Path("scripts/copy-assets")} == javascript, suffix


def test_packages_are_the_same_in_typescript_and_javascript() -> None:
    """JavaScript needs no package that TypeScript does not have, in the same version."""
    (first, first_lock), (second, second_lock) = (
        [json.loads((overlay / "src" / name).read_text()) for name in PACKAGE_FILES]
        for overlay in NODE_OVERLAYS
    )
    for key in ("name", "private", "engines", "prettier", "dependencies"):
        assert first[key] == second[key]
    assert second["devDependencies"].items() <= first["devDependencies"].items()
    for path, package in second_lock["packages"].items():
        assert path == "" or package["version"] == first_lock["packages"][path]["version"], path


@pytest.mark.parametrize("overlay", NODE_OVERLAYS, ids=lambda overlay: overlay.name)
def test_a_lock_file_fits_every_registry_and_system(overlay: Path) -> None:
    manifest, lock = (json.loads((overlay / "src" / name).read_text()) for name in PACKAGE_FILES)
    root = lock["packages"].pop("")
    for key in ("dependencies", "devDependencies", "engines"):
        assert root[key] == manifest[key]
    assert lock["packages"]
    for path, package in lock["packages"].items():
        assert "integrity" in package, path
        assert not package.keys() & {"resolved", "os", "cpu", "libc"}, path
