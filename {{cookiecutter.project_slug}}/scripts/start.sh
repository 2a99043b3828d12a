#!/usr/bin/env bash
# Starts the emulators, waits until they answer, then starts the function app.
#
# Usage: bash scripts/start.sh [options of func start]
set -euo pipefail

CDPATH="" cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=/dev/null
source scripts/app.sh

require func https://learn.microsoft.com/azure/azure-functions/functions-run-local
check_app_tools
bash scripts/local-settings.sh
bash scripts/emulators.sh
prepare_app
cd src
exec func start "$@"
