"""Which tests one process of pytest-xdist runs, so that all processes end at about the same time.

The tests of a file belong together: they share baked and installed projects. Some files are so
slow that they are split by a word in the name of the test, and some files share their projects.
"""

from xdist.scheduler import LoadScopeScheduling

from template import TEMPLATE

LANGUAGES = tuple(TEMPLATE.choices["language"])
PATTERNS = tuple(TEMPLATE.choices["pattern"])

SPLIT = {
    "tests/projects/test_contract.py": LANGUAGES,
    "tests/projects/test_determinism_rules.py": LANGUAGES,
    "tests/projects/test_node_determinism.py": LANGUAGES,
    "tests/projects/test_node_histories.py": LANGUAGES,
    "tests/projects/test_e2e.py": LANGUAGES,
    "tests/projects/test_patterns.py": LANGUAGES,
    "tests/projects/test_recordings.py": LANGUAGES,
    "tests/projects/test_packages.py": LANGUAGES,
    "tests/projects/test_node_projects.py": LANGUAGES,
    "tests/projects/test_csharp_projects.py": PATTERNS,
    "tests/cloud/test_faults.py": ("provision", "configure", "deploy", "teardown"),
    "tests/cloud/test_provisioning.py": ("flex", "premium", "app-service"),
}
TOGETHER = {
    "tests/demo/test_command.py": "demo",
    "tests/demo/test_demo.py": "demo",
    "tests/demo/test_page.py": "demo",
    "tests/generation/test_documents.py": "every variant",
    "tests/generation/test_lint.py": "every variant",
    "tests/generation/test_settings_coherence.py": "every variant",
    "tests/projects/test_doctor.py": "every variant",
    "tests/generation/test_tree.py": "every variant",
    "tests/projects/test_determinism_rules.py": "tests/projects/test_contract.py",
    "tests/projects/test_e2e.py": "tests/projects/test_contract.py",
    "tests/projects/test_node_determinism.py": "tests/projects/test_contract.py",
    "tests/projects/test_node_histories.py": "tests/projects/test_contract.py",
    "tests/projects/test_recordings.py": "tests/projects/test_patterns.py",
}


def group_of(test: str) -> str:
    """Return the group of a test, given as pytest writes it: `file::test[parameters]`."""
    file, _, name = test.partition("::")
    part = next((word for word in SPLIT.get(file, ()) if word in name), "")
    return f"{TOGETHER.get(file, file)} {part}"


class GroupScheduling(LoadScopeScheduling):
    """Hands whole groups to the processes, those with the most tests first."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)
