"""Fakes of the extensions `durabletask` and `application-insights`, which are not on PyPI.

Each becomes a wheel that the Azure CLI installs and loads like the real one (`wheels.py`).
"""
