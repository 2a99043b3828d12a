#!/usr/bin/env bash
# Makes package/, which is what Azure runs: the published app.
set -euo pipefail

CDPATH="" cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() {
    printf '%s\n' "$1" >&2
    exit 1
}

command -v dotnet >/dev/null || fail "dotnet is missing: install the .NET SDK from https://dotnet.microsoft.com/download/dotnet/10.0"

rm -rf package
dotnet publish src --configuration Release --output package --verbosity quiet ||
    fail "the app could not be built: correct the errors above."
