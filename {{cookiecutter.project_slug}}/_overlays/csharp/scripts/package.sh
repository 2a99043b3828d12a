#!/usr/bin/env bash
# Makes package/, which is what Azure runs: the published app.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=/dev/null
source scripts/app.sh
check_app_tools

rm -rf package
dotnet publish src --configuration Release --output package --verbosity quiet ||
    fail "the app could not be built: correct the errors above."
