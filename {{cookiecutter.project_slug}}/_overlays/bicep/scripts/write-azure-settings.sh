#!/usr/bin/env bash
# Writes src/local.settings.azure.json, with which the local app uses the scheduler in Azure.
#
# azd runs this after it has provisioned, with its values in the environment.
set -euo pipefail

CDPATH="" cd "$(dirname "${BASH_SOURCE[0]}")/../src"
# shellcheck source=/dev/null
source ../scripts/messages.sh

[ -n "${SCHEDULER_ENDPOINT:-}" ] || fail "SCHEDULER_ENDPOINT is not set: run 'azd provision', which runs this."
[ -n "${TASK_HUB_NAME:-}" ] || fail "TASK_HUB_NAME is not set: run 'azd provision', which runs this."

connection="Endpoint=$SCHEDULER_ENDPOINT;Authentication=DefaultAzure"
sed -e "s|\(\"DURABLE_TASK_SCHEDULER_CONNECTION_STRING\": \)\"[^\"]*\"|\1\"$connection\"|" \
    -e "s|\(\"TASKHUB_NAME\": \)\"[^\"]*\"|\1\"$TASK_HUB_NAME\"|" \
    local.settings.example.json >local.settings.azure.json
echo "Wrote src/local.settings.azure.json: copy it to src/local.settings.json to use the scheduler in Azure. The app there shares its orders with yours."
