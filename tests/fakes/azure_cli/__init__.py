"""The real Azure CLI in front of the fake Azure Resource Manager.

`client.py` is the `az` of scripts. It hands its arguments and streams to `server.py`, which has
imported the Azure CLI once and forks for each call; `patches.py` is all that differs from the real
one. `extensions/` are fakes of the two extensions that are not on PyPI, `environment.py` finds the
virtual environment with the Azure CLI, `launcher.py` starts the server.
"""
