#!/usr/bin/env bash
# Gives the app the settings of a local run: src/local.settings.json, from its example.
#
# The extension of VS Code and the Core Tools create that file with one or two settings when it is
# missing. This script replaces such a file, and never one that holds a setting of yours.
set -euo pipefail

CDPATH="" cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=/dev/null
source scripts/messages.sh

settings=src/local.settings.json
example=src/local.settings.example.json
storage='"AzureWebJobsStorage":"(UseDevelopmentStorage=true)?"'
worker='"FUNCTIONS_WORKER_RUNTIME":"[a-z-]*"'
created="^(\{\"IsEncrypted\":false(,\"Values\":\{(($storage|$worker),?)*\})?\})?$"

content=
[ ! -f "$settings" ] || content=$(tr -d '[:space:]' <"$settings")
if [[ $content =~ $created ]]; then
    cp "$example" "$settings"
    exit
fi

names=$(tr -d '\r' <"$example" | sed -n 's/^ *"\([A-Za-z_][A-Za-z0-9_.:-]*\)": "[^"]*",*$/\1/p')
missing=
for name in $names; do
    [[ $content == *"\"$name\":"* ]] || [ -n "$(printenv "$name")" ] || missing+=", $name"
done
[ -z "$missing" ] || fail "$settings has no ${missing#, }: copy what is missing from $example."
