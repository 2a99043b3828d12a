# Sourced by start.sh and package.sh: what a Python app needs. The current folder is the project.
# shellcheck shell=bash

# shellcheck source=/dev/null
source scripts/messages.sh

# Activates the virtual environment; the second path is that of Git Bash on Windows.
check_app_tools() {
    local activate
    for activate in .venv/bin/activate .venv/Scripts/activate; do
        if [ -f "$activate" ]; then
            # shellcheck source=/dev/null
            source "$activate"
            return
        fi
    done
    [ -n "${VIRTUAL_ENV:-}" ] ||
        fail "The virtual environment is missing: create it as the README shows under 'Run the tests'."
}

prepare_app() {
    : # the virtual environment has the packages
}
