"""A fake GitHub CLI: the commands that scripts use."""
