"""The change of the workflow that `docs/change.md` of a project shows, made word for word."""

import re
from collections.abc import Callable, Iterator

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CONTRACT = "requests/contract.json"
SENTENCE = f'In `{CONTRACT}`, add `"RecordOrder"` to the list `activityTrigger`.'
LIST = '"activityTrigger": ['


class WorkflowChange:
    """The files of a project after the steps of the document.

    Args:
        read: returns the text of a file of the project.

    Raises:
        AssertionError: a step does not fit the project.
    """

    def __init__(self, read: Callable[[str], str]) -> None:
        section = read("docs/change.md").partition("## Add a step")[2].partition("\n## ")[0]
        assert SENTENCE in section
        texts = {CONTRACT: _replaced(read(CONTRACT), LIST, f'{LIST}"RecordOrder", ')}
        for file, language, code in _steps(section):
            if language == "diff":
                texts[file] = _patched(texts.get(file) or read(file), code)
            else:
                texts[file] = code
        self.app = {file: text for file, text in texts.items() if "tests/" not in file}
        self.tests = {file: text for file, text in texts.items() if "tests/" in file}


def _steps(section: str) -> Iterator[tuple[str, str, str]]:
    """Yield the file, the language and the text of each block; the text before names the file."""
    file, end = "", 0
    for block in BLOCK.finditer(section):
        file = next(
            reversed(re.findall(r"`([^`\n]+/[^`\n]+)`", section[end : block.start()])), file
        )
        end = block.end()
        yield file, block[1], block[2]


def _patched(text: str, diff: str) -> str:
    lines = diff.splitlines(True)
    before = "".join(line[1:] or line for line in lines if not line.startswith("+"))
    after = "".join(line[1:] or line for line in lines if not line.startswith("-"))
    return _replaced(text, before, after)


def _replaced(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, f"{text.count(old)} times in the file: {old}"
    return text.replace(old, new)
