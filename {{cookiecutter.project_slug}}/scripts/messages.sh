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

# Prints the comment at the top of a script that was called with --help, and ends it.
read_arguments() {
    case "${1:-}" in
    "") ;;
    -h | --help)
        sed -n '2,/^$/s/^# \{0,1\}//p' "$0"
        exit 0
        ;;
    *) fail "Unknown argument '$1': run 'bash $0 --help'." ;;
    esac
}

# Ends the script when a variable of the environment is not a whole number in a range.
check_number() {
    local value=${!1}
    [[ $value =~ ^(0|[1-9][0-9]{0,4})$ && $value -ge $2 && $value -le $3 ]] ||
        fail "$1=$value is not possible: use a whole number from $2 to $3. It is defined in the environment."
}
