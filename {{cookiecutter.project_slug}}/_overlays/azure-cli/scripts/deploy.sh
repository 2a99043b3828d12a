#!/usr/bin/env bash
# Packages and publishes the app, then sends it an order that must reach Completed.
#
# Usage: bash scripts/deploy.sh
#
# With --drain, it publishes when no instance of the app runs. DRAIN_MINUTES is how long it waits: 10,
# unless you set it.

set -euo pipefail
# shellcheck source=/dev/null
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
drain=no
if [ "${1:-}" = --drain ]; then
    drain=yes
    shift
fi
read_arguments "$@"
load_settings
choose_names

# The package is complete: nothing is built on the server. On Flex Consumption the Azure CLI looks at
# the app afterwards, and fails when the app takes longer to start: then the smoke order decides.
publish() {
    local folder message code=0
    folder=$(mktemp -d)
    # shellcheck disable=SC2064 # the folder of now
    trap "rm -rf '$folder'" EXIT
    (cd "$SCRIPTS/../package" && zip -q -r "$folder/app.zip" .)
    message=$(az_bounded functionapp deployment source config-zip --resource-group "$RESOURCE_GROUP" \
        --name "$APP_NAME" --src "$folder/app.zip" --build-remote false --output none 2>&1) || code=$?
    case "$code $message" in
    "0 "*) ;;
    *"appears to be unhealthy"* | *"Failed to fetch host "*) say "The app is published, but has not started yet" ;;
    *) give_up "$code" "$message" ;;
    esac
}

# Sets key, to that of a query. The host returns its keys as soon as it runs; until then the response is
# 400 (Bad Request).
read_key() {
    { set +x; } 2>/dev/null # tracing would show the key
    local attempt code errors message
    errors=$(mktemp)
    for ((attempt = 1; attempt <= RETRY_ATTEMPTS; attempt++)); do
        code=0
        key=$(az_bounded functionapp keys list --resource-group "$RESOURCE_GROUP" --name "$APP_NAME" \
            --query "$1" --output tsv 2>"$errors") || code=$?
        message=$(cat "$errors")
        if [ "$code" -eq 0 ] && [ -n "$key" ]; then
            rm "$errors"
            return
        fi
        [ "$code" -eq 0 ] || [[ $message == *"Bad Request"* || $message == *BadRequest* ]] || give_up "$code" "$message"
        sleep "$RETRY_PAUSE"
    done
    fail "The app does not start: see its log stream in the portal, and $dashboard"
}

# Waits until no instance runs.
wait_for_instances() {
    say "Waiting until no instance runs"
    read_key "systemKeys.durabletask_extension || 'none'"
    DURABLE_URL=https://$host DURABLE_KEY=$key RETRY_PAUSE=$RETRY_PAUSE bash "$SCRIPTS/drain.sh"
}

require zip "https://infozip.sourceforge.net, or use scripts/deploy.ps1"
host=$(az_value "host name of the app" functionapp show --resource-group "$RESOURCE_GROUP" --name "$APP_NAME" \
    --query "defaultHostName || properties.defaultHostName")
dashboard=$(az_value "task hub" durabletask taskhub show --resource-group "$RESOURCE_GROUP" \
    --scheduler-name "$SCHEDULER_NAME" --name "$TASK_HUB_NAME" --query properties.dashboardUrl)
say "Packaging the app (a minute)"
bash "$SCRIPTS/package.sh"
[ "$drain" = no ] || wait_for_instances
say "Publishing the app (some minutes)"
publish
say "Sending a smoke order (seconds; up to ten minutes after the first deployment, roles need time)"
read_key functionKeys.default
SMOKE_TEST_URL=https://$host SMOKE_TEST_KEY=$key SMOKE_TEST_DASHBOARD=$dashboard \
    RETRY_ATTEMPTS=$RETRY_ATTEMPTS RETRY_PAUSE=$RETRY_PAUSE bash "$SCRIPTS/smoke-test.sh"
