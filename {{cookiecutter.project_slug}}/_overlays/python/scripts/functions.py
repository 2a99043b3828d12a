"""Prints the functions of an app, one on each line, as the Functions host finds them.

Usage: python -I -S -B scripts/functions.py APP PACKAGES
    APP: the folder with `function_app.py`
    PACKAGES: the folder of its packages, the only one that is used
"""

import contextlib
import os
import sys


def functions(app: str, packages: str) -> list[str]:
    """Import the app and return the names of its functions."""
    os.chdir(app)
    sys.path[:0] = [app, packages]
    with contextlib.redirect_stdout(sys.stderr):
        import azure.functions

        import function_app

        apps = [
            value
            for value in vars(function_app).values()
            if isinstance(value, azure.functions.FunctionRegister)
        ]
        return [str(each.get_function_name()) for app in apps for each in app.get_functions()]


if __name__ == "__main__":
    print(*functions(*sys.argv[1:]), sep="\n", flush=True)
    os._exit(0)  # without waiting for threads that the app has started
