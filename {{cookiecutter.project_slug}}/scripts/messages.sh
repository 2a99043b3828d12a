# Sourced by the scripts of this folder: what they print, and how they end.
# shellcheck shell=bash

say() {
    printf '%s\n' "$*"
}

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

# Ends the script when a program is not on PATH. The second argument says where to get it.
require() {
    command -v "$1" >/dev/null || fail "$1 is missing: install it, see $2"
}
