# Sourced by start.sh and package.sh: what a Node.js app needs. The current folder is the project.
# shellcheck shell=bash

# shellcheck source=/dev/null
source scripts/messages.sh

check_app_tools() {
    require npm https://nodejs.org
}

# Installs the packages once, and compiles what has to be compiled.
prepare_app() {
    [ -d src/node_modules ] || npm ci --prefix src ||
        fail "The packages could not be installed: see the messages of npm above."
    npm run build --if-present --prefix src || fail "The app does not compile: correct the errors above."
}
