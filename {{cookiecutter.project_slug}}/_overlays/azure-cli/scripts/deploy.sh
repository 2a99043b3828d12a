#!/usr/bin/env bash
# Packages and publishes the app, then sends it an order that must reach Completed.
#
# Usage: bash scripts/deploy.sh

set -euo pipefail
# shellcheck source=/dev/null
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
read_arguments "$@"
load_settings
choose_names

publish() {
    local folder
    folder=$(mktemp -d)
    # shellcheck disable=SC2064 # the folder of now
    trap "rm -rf '$folder'" EXIT
    (cd "$SCRIPTS/../package" && zip -q -r "$folder/app.zip" .)
    az_checked functionapp deployment source config-zip --resource-group "$RESOURCE_GROUP" \
        --name "$APP_NAME" --src "$folder/app.zip" --output none
}

# Sets FUNCTION_KEY. The host answers for its keys as soon as it runs.
read_key() {
    local attempt code errors message
    errors=$(mktemp)
    for ((attempt = 1; attempt <= RETRY_ATTEMPTS; attempt++)); do
        code=0
        FUNCTION_KEY=$(az_bounded functionapp keys list --resource-group "$RESOURCE_GROUP" --name "$APP_NAME" \
            --query functionKeys.default --output tsv 2>"$errors") || code=$?
        message=$(cat "$errors")
        if [ "$code" -eq 0 ] && [ -n "$FUNCTION_KEY" ]; then
            rm "$errors"
            return
        fi
        [ "$code" -eq 0 ] || [[ $message == *"host runtime"* ]] || give_up "$code" "$message"
        sleep "$RETRY_PAUSE"
    done
    fail "The app does not start: see its log stream in the portal, and $DASHBOARD_URL"
}

require zip "https://infozip.sourceforge.net, or use scripts/deploy.ps1"
az_checked functionapp show --resource-group "$RESOURCE_GROUP" --name "$APP_NAME" --output none
DASHBOARD_URL=$(az_value "task hub" durabletask taskhub show --resource-group "$RESOURCE_GROUP" \
    --scheduler-name "$SCHEDULER_NAME" --name "$TASK_HUB_NAME" --query properties.dashboardUrl)
say "Packaging the app (a minute)"
bash "$SCRIPTS/package.sh"
say "Publishing the app (some minutes)"
publish
say "Sending a smoke order (seconds; up to ten minutes after the first deployment, roles need time)"
{ set +x; } 2>/dev/null # tracing would show the key
read_key
APP_URL=${APP_URL:-https://$APP_NAME.azurewebsites.net}
export APP_URL FUNCTION_KEY DASHBOARD_URL RETRY_ATTEMPTS RETRY_PAUSE
bash "$SCRIPTS/smoke-test.sh"
