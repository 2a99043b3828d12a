#!/usr/bin/env bash
# Sends the app in Azure an order that must reach Completed.
#
# Usage: APP_URL=https://<app>.azurewebsites.net FUNCTION_KEY=<key> bash scripts/smoke-test.sh
#
# The first order after a deployment can wait some minutes, until Azure knows the roles everywhere.

{ set +x; } 2>/dev/null # tracing would show the key
set -euo pipefail

ORDER='{"id": "smoke-test", "items": [{"sku": "A-1", "quantity": 1, "unitPrice": 1.0}], "total": 1.0}'
RETRY_ATTEMPTS=${RETRY_ATTEMPTS:-40}
RETRY_PAUSE=${RETRY_PAUSE:-15} # seconds
DASHBOARD_URL=${DASHBOARD_URL:-the dashboard of the scheduler}

fail() {
    printf '%s\n' "$1" >&2
    exit 1
}

# The key and the status URL, which holds another key, reach curl by a pipe: an argument could be
# read by every program on this computer.
call_app() {
    curl --silent --max-time 15 --suppress-connect-headers --config - "$@"
}

# Sets location, the status URL of the order.
start_order() {
    local answer status=none
    for ((attempt = 1; attempt <= RETRY_ATTEMPTS; attempt++)); do
        answer=$(printf 'url = "%s/api/orders"\nheader = "x-functions-key: %s"\n' "$APP_URL" "$FUNCTION_KEY" |
            call_app --header 'Content-Type: application/json' --data "$ORDER" --dump-header - --output /dev/null) || true
        if [[ $answer =~ ^HTTP/[0-9.]+\ ([0-9]+) ]]; then status=${BASH_REMATCH[1]}; fi
        location=$(sed -n 's/^[Ll]ocation: *//p' <<<"$answer" | tr -d '\r')
        if [ "$status" = 202 ] && [ -n "$location" ]; then return; fi
        sleep "$RETRY_PAUSE"
    done
    if [ "$status" = 401 ]; then
        fail "The app does not accept FUNCTION_KEY: give its default key, which the portal shows under App keys."
    fi
    fail "The app does not accept the smoke order (last answer: $status): see its log stream in the portal, and $DASHBOARD_URL"
}

wait_until_completed() {
    local status=unknown
    for ((attempt = 1; attempt <= RETRY_ATTEMPTS; attempt++)); do
        status=$(printf 'url = "%s"\n' "$location" | call_app | sed -n 's/.*"runtimeStatus": *"\([A-Za-z]*\)".*/\1/p') || true
        case $status in
        Completed) return ;;
        Failed | Terminated | Canceled) break ;;
        esac
        sleep "$RETRY_PAUSE"
    done
    fail "The smoke order is ${status:-unknown}, not Completed: see $DASHBOARD_URL"
}

command -v curl >/dev/null || fail "curl is missing: install it, see https://curl.se"
[ -n "${APP_URL:-}" ] || fail "APP_URL is not set: give the address of the app, https://<app>.azurewebsites.net"
[ -n "${FUNCTION_KEY:-}" ] || fail "FUNCTION_KEY is not set: give the default key of the app, which the portal shows under App keys."
start_order
wait_until_completed
instance=${location##*/instances/}
printf 'The order completed: instance %s, see %s\n' "${instance%%\?*}" "$DASHBOARD_URL"
