"""A fake Azure Resource Manager, with what the Azure CLI asks beside it: Graph, Kudu, the host.

`service.respond` is the only entrance; `state.py` keeps what exists in one JSON file. Standard
library only: the module runs inside the process of the Azure CLI.
"""
