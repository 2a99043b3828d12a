#!/usr/bin/env bash
# Saves the history of an instance, so that the tests replay it with today's orchestrator.
#
# Usage: bash scripts/record-history.sh <instance id> [name]
#
# It asks the app that runs locally. For an app in Azure, set DURABLE_URL to its address and DURABLE_KEY
# to its system key durabletask_extension. The file is histories/<name>.json in the folder of the tests.
# It holds what the instance got and returned: record an order without personal data.

{ set +x; } 2>/dev/null # tracing would show the key
set -euo pipefail
trap 'exit 130' INT

DURABLE_URL=${DURABLE_URL:-http://localhost:7071}

# shellcheck source=/dev/null
source "$(dirname "${BASH_SOURCE[0]}")/management-api.sh"

# Prints JSON with each value on a line of its own. Texts and numbers remain as they are.
pretty() {
    LC_ALL=C grep -oE '"([^"\\]|\\.)*"|[][{}:,]|[^][{}:,"[:space:]]+' | LC_ALL=C awk '
        /^[]}]$/ { indent = substr(indent, 3) }
        /^[]}]$/ ? last !~ /^[[{]$/ : last ~ /^[[{,]$/ { printf "\n%s", indent }
        /^[[{]$/ { indent = indent "  " }
        { printf "%s", ($0 == ":" ? ": " : $0); last = $0 }
        END { print "" }'
}

[[ ${1:-} != -* ]] || read_arguments "$@"
[ $# -le 2 ] || fail "Unknown argument '$3': run 'bash $0 --help'."
instance=${1:-}
name=${2:-$instance}
[[ $instance =~ ^[A-Za-z0-9._:-]{1,100}$ ]] ||
    fail "Give the id of an instance, as the response to the order has it: up to 100 letters, digits, '.', '_', ':' and '-'."
[[ $name =~ ^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$ ]] ||
    fail "The name '$name' cannot be the name of a file: give a name of letters, digits, '.', '_' and '-' after the id."
CDPATH="" cd "$(dirname "${BASH_SOURCE[0]}")/.."
folder=tests/histories
[ ! -d src/tests ] || folder=src/tests/histories
file=$folder/$name.json
[ ! -e "$file" ] || fail "$file exists: give another name after the id, or delete the file."
check_app
get_instances "/$instance?showHistory=true&showHistoryOutput=true&showInput=true"
case $STATUS in
200 | 202) ;;
404) fail "The app at $DURABLE_URL has no instance $instance." ;;
none) fail "The app at $DURABLE_URL does not respond: start it with scripts/start.sh, or set DURABLE_URL." ;;
*) fail "The app at $DURABLE_URL does not show the history (last response: $STATUS): see its log." ;;
esac
[[ $BODY =~ \"historyEvents\":\ *\[ ]] || fail "The instance $instance has no history yet: try again when it runs."
mkdir -p "$folder"
pretty <<<"$BODY" >"$file"
if [[ $STATUS == 202 ]]; then
    say "The instance still runs: the file holds its history so far."
fi
say "Saved $file. The tests replay it from now on."
