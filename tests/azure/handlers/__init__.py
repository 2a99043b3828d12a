"""What each command does. The function for `az group show` is `group_show(call)`."""
