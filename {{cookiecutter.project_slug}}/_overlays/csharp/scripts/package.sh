#!/usr/bin/env bash
# Creates package/, which is what Azure runs: the published app.
set -euo pipefail

CDPATH="" cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=/dev/null
source scripts/app.sh
check_app_tools

# Ends with a message, and leaves no package that could be deployed.
refuse() {
    rm -rf package
    fail "$1"
}

# Prints the functions of the app in package/.
list_functions() {
    dotnet build scripts/ListFunctions.cs --output src/obj/ListFunctions --verbosity quiet >&2 &&
        dotnet exec --runtimeconfig package/Orders.runtimeconfig.json \
            src/obj/ListFunctions/ListFunctions.dll package/Orders.dll
}

rm -rf package
# Without an executable for the system that builds: Azure runs Orders.dll.
dotnet publish src --configuration Release --output package --verbosity quiet -p:UseAppHost=false ||
    refuse "The app could not be built: correct the errors above."
functions=$(list_functions) ||
    refuse "The app in package/ does not load: see the error above. package/ is what 'dotnet publish' makes of src/."
[ -n "$functions" ] || refuse "The app in package/ has no functions: mark their methods with [Function]."
say "package/ is ready, with the functions ${functions//$'\n'/, }."
