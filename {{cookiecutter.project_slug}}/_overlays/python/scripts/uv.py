"""Runs uv with the configuration of pip: the indexes, the proxy and the certificates of a company.

uv reads neither `pip.conf` nor variables such as `PIP_INDEX_URL`. Use this script in place of uv:

    python scripts/uv.py pip install -r requirements-dev.txt

`UV_*` variables that you set take precedence.
"""

import ast
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec

# What pip calls an option -> the variable of uv. The values of lists are separated by spaces.
VARIABLES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "constraint": "UV_CONSTRAINT",
    "trusted-host": "UV_INSECURE_HOST",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "timeout": "UV_HTTP_TIMEOUT",
}
INDEX_VARIABLES = {"UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL"}
README = "create the virtual environment as the README shows under 'Run the tests'."


def pip_options() -> dict[str, str]:
    """Return the options of `pip install` that files and `PIP_*` variables set, by their name."""
    pip = [sys.executable, "-m", "pip"] if find_spec("pip") else [shutil.which("pip") or ""]
    if not pip[0]:
        return {}
    command = [*pip, "config", "list"]
    listed = subprocess.run(command, capture_output=True, text=True)
    if listed.returncode != 0:
        sys.exit(f"The configuration of pip cannot be read: {listed.stderr.strip()}")
    sections: dict[str, dict[str, str]] = {"global": {}, "install": {}, ":env:": {}}
    for line in listed.stdout.splitlines():
        key, _, value = line.partition("=")
        section, _, option = key.rpartition(".")
        if section in sections:
            sections[section][option] = ast.literal_eval(value)
    return sections["global"] | sections["install"] | sections[":env:"]


def variables(options: dict[str, str]) -> dict[str, str]:
    """Return the environment variables that give uv these options of pip."""
    found = {
        variable: " ".join(options[option].split())
        for option, variable in VARIABLES.items()
        if option in options
    }
    if "find-links" in options:
        found["UV_FIND_LINKS"] = ",".join(options["find-links"].split())
    if os.environ.keys() & INDEX_VARIABLES:
        found = {name: found[name] for name in found.keys() - INDEX_VARIABLES}
    if "UV_INDEX" in found:
        found["UV_INDEX_STRATEGY"] = "unsafe-best-match"  # the best version of all indexes, as pip
    if options.get("keyring-provider", "auto") in ("import", "subprocess"):
        found["UV_KEYRING_PROVIDER"] = "subprocess"
    found["UV_SYSTEM_CERTS"] = "true"
    return {name: value for name, value in found.items() if name not in os.environ}


def connection(options: dict[str, str]) -> dict[str, str]:
    """Return the variables for the proxy and the certificates, which pip takes from its options."""
    found = {}
    if proxy := options.get("proxy"):
        found |= {"HTTP_PROXY": proxy, "HTTPS_PROXY": proxy}
    bundles = [options.get("cert"), *map(os.environ.get, ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"))]
    if bundle := next(filter(None, bundles), None):
        found["SSL_CERT_DIR" if os.path.isdir(bundle) else "SSL_CERT_FILE"] = bundle
    if certificate := options.get("client-cert"):
        found["SSL_CLIENT_CERT"] = certificate
    return found


def run(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run uv with the configuration of pip.

    Raises:
        SystemExit: uv is missing, or pip cannot read its configuration.
    """
    uv = shutil.which("uv")
    if uv is None:
        sys.exit(f"uv is missing: {README}")
    options = pip_options()
    flags = ["--no-index"] if options.get("no-index", "").lower() in ("1", "true", "yes") else []
    environment = os.environ | connection(options) | variables(options)
    return subprocess.run([uv, *arguments, *flags], env=environment)


if __name__ == "__main__":
    sys.exit(run(*sys.argv[1:]).returncode)
