# Sourced by start.sh and package.sh: what a .NET app needs. The current folder is the project.
# shellcheck shell=bash

# shellcheck source=/dev/null
source scripts/messages.sh

check_app_tools() {
    require dotnet https://dotnet.microsoft.com/download
}

prepare_app() {
    : # the Core Tools build the app
}
