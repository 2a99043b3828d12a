"""Makes the environments for apps available to the tests of this folder."""

from fakes.functions_host.fixtures import node_app_modules, python_app_env

__all__ = ["node_app_modules", "python_app_env"]
