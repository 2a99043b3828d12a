"""The environments in which the fake Functions host runs generated apps."""

from fakes.functions_host.fixtures import node_app_modules, python_app_env

__all__ = ["node_app_modules", "python_app_env"]
