#!/usr/bin/env bash
# Publishes the app, then sends it an order that must reach Completed.
#
# Usage: bash scripts/deploy.sh
#
# Uses the Azure Functions Core Tools (func) when they are installed, else the Azure CLI.

set -euo pipefail
# shellcheck source=/dev/null
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
read_arguments "$@"
load_settings
choose_names

ORDER='{"id": "smoke-test", "items": [{"sku": "A-1", "quantity": 1, "unitPrice": 1.0}], "total": 1.0}'
APP_URL=${APP_URL:-https://$APP_NAME.azurewebsites.net}

publish_with_core_tools() {
    say "Publishing with the Azure Functions Core Tools (some minutes)"
    (cd "$SCRIPTS/../src" && func azure functionapp publish "$APP_NAME") ||
        fail "func could not publish the app: correct what it says above, then run this again."
}

publish_with_azure_cli() {
    local folder
    require zip "https://infozip.sourceforge.net, or install the Azure Functions Core Tools"
    say "Publishing with the Azure CLI (some minutes)"
    folder=$(mktemp -d)
    (cd "$SCRIPTS/../src" && zip -q -r "$folder/app.zip" . -x '.venv/*' '*__pycache__*' 'local.settings*.json')
    az_checked functionapp deployment source config-zip --resource-group "$RESOURCE_GROUP" \
        --name "$APP_NAME" --src "$folder/app.zip" --build-remote true --output none
    rm -rf "$folder"
}

# Both URLs carry a key, so they go to curl by a pipe and are never printed.
call_app() {
    curl --silent --show-error --max-time 60 --config - "$@"
}

start_order() {
    local attempt answer
    for ((attempt = 1; attempt <= RETRY_ATTEMPTS; attempt++)); do
        answer=$(printf 'url = "%s/api/orders"\nheader = "x-functions-key: %s"\n' "$APP_URL" "$1" |
            call_app --header 'Content-Type: application/json' --data "$ORDER" --dump-header - --output /dev/null 2>&1) || true
        if [[ $answer =~ ^HTTP/[0-9.]+\ 202 ]]; then
            sed -n 's/^[Ll]ocation: *//p' <<<"$answer" | tr -d '\r'
            return
        fi
        sleep "$RETRY_PAUSE"
    done
}

wait_until_completed() {
    local attempt status
    for ((attempt = 1; attempt <= RETRY_ATTEMPTS; attempt++)); do
        status=$(printf 'url = "%s"\n' "$1" | call_app | sed -n 's/.*"runtimeStatus": *"\([A-Za-z]*\)".*/\1/p') || true
        case $status in
        Completed) return ;;
        Failed | Terminated | Canceled) break ;;
        esac
        sleep "$RETRY_PAUSE"
    done
    fail "The smoke order ended as '${status:-unknown}', not as Completed: see $dashboard"
}

{ set +x; } 2>/dev/null # tracing would show the key
if command -v func >/dev/null; then publish_with_core_tools; else publish_with_azure_cli; fi

dashboard=$(az_value "task hub" durabletask taskhub show --resource-group "$RESOURCE_GROUP" \
    --scheduler-name "$SCHEDULER_NAME" --name "$TASK_HUB_NAME" --query properties.dashboardUrl)
say "Sending a smoke order (up to ten minutes after the first deployment: roles need time)"
key=$(az_value "function key" functionapp keys list --resource-group "$RESOURCE_GROUP" --name "$APP_NAME" \
    --query functionKeys.default)
location=$(start_order "$key")
[ -n "$location" ] || fail "The app accepts no order: see its log stream in the portal and the dashboard $dashboard"
wait_until_completed "$location"
instance=${location##*/instances/}
say "The order completed: instance ${instance%%\?*}, see $dashboard"
