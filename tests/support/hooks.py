"""The hooks as modules: unrendered, as they are in the repository."""

import importlib.util
from types import ModuleType

from template import TEMPLATE


def load(name: str) -> ModuleType:
    """Import a hook without running it.

    Args:
        name: the name of its file without suffix, as in `pre_gen_project`.
    """
    path = TEMPLATE.root / "hooks" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
