#!/usr/bin/env bash
# Creates package/, which is what Azure runs: the app, and its packages for Linux and Python 3.13.
set -euo pipefail

CDPATH="" cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=/dev/null
source scripts/app.sh
check_app_tools
python scripts/package.py
