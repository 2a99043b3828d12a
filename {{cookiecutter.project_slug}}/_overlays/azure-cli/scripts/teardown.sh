#!/usr/bin/env bash
# Deletes the resource group of this project, with everything in it.
#
# Usage: bash scripts/teardown.sh
#
# Asks for the name of the resource group first; CONFIRM=<name> answers.

set -euo pipefail
# shellcheck source=/dev/null
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
read_arguments "$@"
load_settings
choose_names

if ! az_exists group show --name "$RESOURCE_GROUP" --output none; then
    say "The resource group $RESOURCE_GROUP does not exist: nothing to delete."
    exit 0
fi
say "This deletes the resource group $RESOURCE_GROUP in subscription $SUBSCRIPTION_ID, with all state of the workflows."
if [ -z "${CONFIRM:-}" ]; then
    read -r -p "Type the name of the resource group to go on: " CONFIRM || true
fi
[ "$CONFIRM" = "$RESOURCE_GROUP" ] || fail "Not deleted: the answer was not '$RESOURCE_GROUP'."

say "Deleting (some minutes)"
# A scheduler cannot go while it has hubs.
schedulers=$(az_checked durabletask scheduler list --resource-group "$RESOURCE_GROUP" --query "[].name" --output tsv)
for scheduler in $schedulers; do
    hubs=$(az_checked durabletask taskhub list --resource-group "$RESOURCE_GROUP" \
        --scheduler-name "$scheduler" --query "[].name" --output tsv)
    for hub in $hubs; do
        az_checked durabletask taskhub delete --resource-group "$RESOURCE_GROUP" \
            --scheduler-name "$scheduler" --name "$hub" --yes
    done
done
az_checked group delete --name "$RESOURCE_GROUP" --yes
say "Deleted."
