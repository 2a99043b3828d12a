"""A fake Azure Developer CLI: the values of one environment, and `azd provision`."""
