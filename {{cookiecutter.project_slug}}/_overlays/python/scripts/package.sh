#!/usr/bin/env bash
# Makes package/, which is what Azure runs: the app, and its packages for Linux and Python 3.13.
set -euo pipefail

CDPATH="" cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() {
    printf '%s\n' "$1" >&2
    exit 1
}

for activate in .venv/bin/activate .venv/Scripts/activate; do
    # shellcheck source=/dev/null
    [ ! -f "$activate" ] || source "$activate"
done
command -v uv >/dev/null || fail "uv is missing: make the virtual environment as the README shows under 'Test it'."

rm -rf package
mkdir package
tar --create --file - --directory src --exclude-from src/.funcignore . |
    tar --extract --file - --directory package
uv pip install --quiet --requirements src/requirements.txt \
    --target package/.python_packages/lib/site-packages \
    --python-platform x86_64-manylinux_2_28 --python-version 3.13 --only-binary :all: ||
    fail "the packages of src/requirements.txt could not be installed: uv says why."
