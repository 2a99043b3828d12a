#!/usr/bin/env bash
# Publishes the app, then sends it an order that must reach Completed.
#
# Usage: bash scripts/deploy.sh
#
{% if cookiecutter.language == "python" %}
# Uses the Azure Functions Core Tools (func) when they are installed, else the Azure CLI.
{% else %}
# Builds and publishes with the Azure Functions Core Tools (func).
{% endif %}

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
{% if cookiecutter.__worker_runtime == "node" %}
    # The app is published with its packages, so the development tools leave first and come back.
    (cd "$SCRIPTS/../src" && npm ci && npm run build --if-present && npm prune --omit=dev &&
        func azure functionapp publish "$APP_NAME" && npm ci) ||
        fail "The app could not be published: correct what stands above, then run this again."
{% else %}
    (cd "$SCRIPTS/../src" && func azure functionapp publish "$APP_NAME") ||
        fail "The app could not be published: correct what stands above, then run this again."
{% endif %}
}
{% if cookiecutter.language == "python" %}

publish_with_azure_cli() {
    local folder
    require zip "https://infozip.sourceforge.net, or install the Azure Functions Core Tools"
    say "Publishing with the Azure CLI (some minutes)"
    folder=$(mktemp -d)
    # shellcheck disable=SC2064 # the folder of now
    trap "rm -rf '$folder'" EXIT
    (cd "$SCRIPTS/../src" && zip -q -r "$folder/app.zip" . -x '.venv/*' '*__pycache__*' 'local.settings*.json')
    az_checked functionapp deployment source config-zip --resource-group "$RESOURCE_GROUP" \
        --name "$APP_NAME" --src "$folder/app.zip" --build-remote true --output none
}
{% endif %}

# Sets key. The host answers for its keys as soon as it runs.
read_key() {
    local attempt code
    for ((attempt = 1; attempt <= RETRY_ATTEMPTS; attempt++)); do
        code=0
        key=$(az_bounded functionapp keys list --resource-group "$RESOURCE_GROUP" --name "$APP_NAME" \
            --query functionKeys.default --output tsv 2>&1) || code=$?
        if [ "$code" -eq 0 ] && [ -n "$key" ]; then return; fi
        [ "$code" -eq 0 ] || [[ $key == *"host runtime"* ]] || give_up "$code" "$key"
        sleep "$RETRY_PAUSE"
    done
    fail "The app does not start: see its log stream in the portal, and $dashboard"
}

# The key and the status URL, which holds another key, reach curl by a pipe: an argument could be
# read by every program on this computer.
call_app() {
    curl --silent --max-time 60 --suppress-connect-headers --config - "$@"
}

# Sets location, the status URL of the order.
start_order() {
    local attempt answer status=none
    for ((attempt = 1; attempt <= RETRY_ATTEMPTS; attempt++)); do
        answer=$(printf 'url = "%s/api/orders"\nheader = "x-functions-key: %s"\n' "$APP_URL" "$1" |
            call_app --header 'Content-Type: application/json' --data "$ORDER" --dump-header - --output /dev/null) || true
        if [[ $answer =~ ^HTTP/[0-9.]+\ ([0-9]+) ]]; then status=${BASH_REMATCH[1]}; fi
        location=$(sed -n 's/^[Ll]ocation: *//p' <<<"$answer" | tr -d '\r')
        if [ "$status" = 202 ] && [ -n "$location" ]; then return; fi
        sleep "$RETRY_PAUSE"
    done
    fail "The app does not accept the smoke order (last answer: $status): see its log stream in the portal, and $dashboard"
}

wait_until_completed() {
    local attempt status=unknown
    for ((attempt = 1; attempt <= RETRY_ATTEMPTS; attempt++)); do
        status=$(printf 'url = "%s"\n' "$1" | call_app | sed -n 's/.*"runtimeStatus": *"\([A-Za-z]*\)".*/\1/p') || true
        case $status in
        Completed) return ;;
        Failed | Terminated | Canceled) break ;;
        esac
        sleep "$RETRY_PAUSE"
    done
    fail "The smoke order is ${status:-unknown}, not Completed: see $dashboard"
}

{ set +x; } 2>/dev/null # tracing would show the key
require curl https://curl.se
{% if cookiecutter.language == "python" %}
if command -v func >/dev/null; then publish_with_core_tools; else publish_with_azure_cli; fi
{% else %}
require func https://learn.microsoft.com/azure/azure-functions/functions-run-local
publish_with_core_tools
{% endif %}

dashboard=$(az_value "task hub" durabletask taskhub show --resource-group "$RESOURCE_GROUP" \
    --scheduler-name "$SCHEDULER_NAME" --name "$TASK_HUB_NAME" --query properties.dashboardUrl)
say "Sending a smoke order (seconds; up to ten minutes after the first deployment, roles need time)"
read_key
start_order "$key"
wait_until_completed "$location"
instance=${location##*/instances/}
say "The order completed: instance ${instance%%\?*}, see $dashboard"
