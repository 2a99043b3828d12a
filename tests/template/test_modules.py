"""The rules for the modules of the host and the tests hold, and each finds its seeded defect."""

import ast
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

import pytest

from template import TEMPLATE, tracked_files

# The source of each module by its path.
Modules = dict[str, str]


def class_names_are_unique(modules: Modules) -> Iterator[str]:
    """A name that a reader meets in a trace or a search means one class."""
    found = defaultdict(list)
    for path, source in modules.items():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ClassDef):
                found[node.name].append(path)
    for name, paths in found.items():
        if len(paths) > 1:
            yield f"{name} is a class of {' and of '.join(paths)}: rename one"


def helpers_are_no_tests(modules: Modules) -> Iterator[str]:
    """Pytest imports test modules and conftest.py in its own way; a second import loads them twice.

    What several test modules need is a fixture or belongs in a helper module.
    """
    for path, source in modules.items():
        for name in _imported(ast.parse(source)):
            parts = name.split(".")
            if any(part == "conftest" or part.startswith("test_") for part in parts):
                yield f"{path} imports {name}: move what it needs to a helper module"


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module or ''}.{alias.name}" for alias in node.names)


def nothing_is_named_azure(modules: Modules) -> Iterator[str]:
    """`import azure.functions` would look in it instead of in the Azure libraries."""
    for path in modules:
        if "azure" in PurePosixPath(path).with_suffix("").parts:
            yield f"{path} is in a package or module named azure: choose another name"


RULES = [class_names_are_unique, helpers_are_no_tests, nothing_is_named_azure]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_modules_keep_the_rule(rule: Callable[[Modules], Iterator[str]]) -> None:
    paths = [
        path
        for path in tracked_files(TEMPLATE.root)
        if path.startswith(("tests/", "functions_host/", "functions_demo/"))
    ]
    modules = {
        path: (TEMPLATE.root / path).read_text(encoding="utf-8")
        for path in paths
        if path.endswith(".py")
    }
    assert "tests/conftest.py" in modules
    assert list(rule(modules)) == []


DEFECTS = {
    "two classes of one name": (
        class_names_are_unique,
        {"tests/a.py": "class Job: ...", "tests/b.py": "def f():\n    class Job: ..."},
        "Job is a class of tests/a.py and of tests/b.py: rename one",
    ),
    "an import from conftest": (
        helpers_are_no_tests,
        {"tests/a/test_a.py": "from .conftest import Job"},
        "tests/a/test_a.py imports conftest.Job: move what it needs to a helper module",
    ),
    "an import of conftest": (
        helpers_are_no_tests,
        {"tests/a/test_a.py": "def f():\n    from . import conftest"},
        "tests/a/test_a.py imports .conftest: move what it needs to a helper module",
    ),
    "an import from a test module": (
        helpers_are_no_tests,
        {"tests/a/test_a.py": "from a.test_b import JOB"},
        "tests/a/test_a.py imports a.test_b.JOB: move what it needs to a helper module",
    ),
    "an import of a test module": (
        helpers_are_no_tests,
        {"tests/a/conftest.py": "import a.test_b as b"},
        "tests/a/conftest.py imports a.test_b: move what it needs to a helper module",
    ),
    "a package that hides the Azure libraries": (
        nothing_is_named_azure,
        {"tests/azure/__init__.py": ""},
        "tests/azure/__init__.py is in a package or module named azure: choose another name",
    ),
    "a module that hides the Azure libraries": (
        nothing_is_named_azure,
        {"tests/support/azure.py": ""},
        "tests/support/azure.py is in a package or module named azure: choose another name",
    ),
}


@pytest.mark.parametrize(("rule", "modules", "problem"), DEFECTS.values(), ids=DEFECTS.keys())
def test_a_seeded_defect_is_found(
    rule: Callable[[Modules], Iterator[str]], modules: Modules, problem: str
) -> None:
    assert list(rule(modules)) == [problem]


def test_modules_without_defects_keep_every_rule() -> None:
    modules = {
        "tests/conftest.py": "import pytest\nfrom fakes.fixtures import app",
        "tests/cloud/test_azure.py": "import azure.functions\nclass Job: ...",
        "tests/fakes/azure_cli/subscription.py": "class Subscription: ...",
    }
    assert [problem for rule in RULES for problem in rule(modules)] == []
