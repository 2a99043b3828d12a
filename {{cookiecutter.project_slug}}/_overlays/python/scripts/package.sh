#!/usr/bin/env bash
# Makes package/, which is what Azure runs: the app, and its packages for Linux and Python 3.13.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=/dev/null
source scripts/app.sh
check_app_tools

command -v uv >/dev/null ||
    fail "uv is missing: create the virtual environment as the README shows under 'Run the tests'."

rm -rf package
mkdir package
tar --create --file - --directory src --exclude-from src/.funcignore . |
    tar --extract --file - --directory package
uv pip install --quiet --requirements src/requirements.txt \
    --target package/.python_packages/lib/site-packages \
    --python-platform x86_64-manylinux_2_28 --python-version 3.13 --only-binary :all: ||
    fail "the packages of src/requirements.txt could not be installed: uv says why."
