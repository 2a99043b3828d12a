#!/usr/bin/env bash
# Sends the app in Azure an order that must reach the state in requests/contract.json.
#
# Usage: SMOKE_TEST_URL=https://<app>.azurewebsites.net SMOKE_TEST_KEY=<key> bash scripts/smoke-test.sh
#
# The first order after a deployment can wait some minutes, until the roles are effective everywhere.

{ set +x; } 2>/dev/null # tracing would show the key
set -euo pipefail
trap 'exit 130' INT

ORDER='{"id": "smoke-test", "items": [{"sku": "A-1", "quantity": 1, "unitPrice": 1.0}], "total": 1.0}'
RETRY_ATTEMPTS=${RETRY_ATTEMPTS:-40}
RETRY_PAUSE=${RETRY_PAUSE:-15} # seconds
dashboard=${SMOKE_TEST_DASHBOARD:-the dashboard of the scheduler}

# shellcheck source=/dev/null
source "$(dirname "${BASH_SOURCE[0]}")/messages.sh"

# Prints a value of "smokeTest" in the contract of the app.
expected() {
    tr '\n' ' ' <"$(dirname "${BASH_SOURCE[0]}")/../requests/contract.json" |
        sed -n 's/.*"smokeTest": *{\([^}]*\)}.*/\1/p' | text_of "$1"
}

# Prints a text of a JSON object, without a parser: the runtime status or the custom status.
text_of() {
    sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p"
}

# The key and the status URL, which holds another key, reach curl by a pipe: an argument could be
# read by every program on this computer.
call_app() {
    curl --no-location --silent --max-time 15 --suppress-connect-headers --config - "$@"
}

# Waits before the next attempt; the attempts together have RETRY_ATTEMPTS times RETRY_PAUSE seconds.
pause() {
    [ "$RETRY_PAUSE" -eq 0 ] || [ "$SECONDS" -lt "$((RETRY_ATTEMPTS * RETRY_PAUSE))" ] || attempt=$RETRY_ATTEMPTS
    [ "$attempt" -eq "$RETRY_ATTEMPTS" ] || sleep "$RETRY_PAUSE"
}

# Sets location, the status URL of the order.
start_order() {
    local attempt response status=none
    for ((attempt = 1; attempt <= RETRY_ATTEMPTS; attempt++)); do
        response=$(printf 'url = "%s/api/orders"\nheader = "x-functions-key: %s"\n' "$SMOKE_TEST_URL" "$SMOKE_TEST_KEY" |
            call_app --header 'Content-Type: application/json' --data "$ORDER" --dump-header - --output /dev/null) || true
        if [[ $response =~ ^HTTP/[0-9.]+\ ([0-9]+) ]]; then status=${BASH_REMATCH[1]}; fi
        location=$(sed -n 's/^[Ll]ocation: *//p' <<<"$response" | tr -d '\r')
        if [ "$status" = 202 ] && [ -n "$location" ]; then return; fi
        pause
    done
    if [ "$status" = 401 ]; then
        fail "The app does not accept the function key: give its default key in SMOKE_TEST_KEY, which the portal shows under App keys."
    fi
    fail "The app does not accept the smoke order (last response: $status): see its log stream in the portal, and $dashboard"
}

# Sets status, when the order has the state that the contract expects. An order that was not fulfilled
# completes, too, and its output says so.
wait_for_expected_state() {
    local attempt state wanted custom
    status=unknown
    wanted=$(expected runtimeStatus)
    custom=$(expected customStatus)
    for ((attempt = 1; attempt <= RETRY_ATTEMPTS; attempt++)); do
        state=$(printf 'url = "%s"\n' "$location" | call_app) || true
        status=$(text_of runtimeStatus <<<"$state")
        case $status in
        Completed)
            [[ $state =~ \"success\":\ *false ]] || return 0
            fail "The smoke order is Completed, but was not fulfilled ($(text_of reason <<<"$state")): see $dashboard"
            ;;
        "$wanted") if [ "$(text_of customStatus <<<"$state")" = "$custom" ]; then return; fi ;;
        Failed | Terminated | Canceled) break ;;
        esac
        pause
    done
    fail "The smoke order is ${status:-unknown}, not $wanted${custom:+ ($custom)}: see $dashboard"
}

require curl https://curl.se
check_number RETRY_ATTEMPTS 1 1000
check_number RETRY_PAUSE 0 3600
[[ ${SMOKE_TEST_URL:-} =~ ^https://|^http://(localhost|127\.0\.0\.1)[:/] ]] ||
    fail "SMOKE_TEST_URL must be the address of the app: set it to https://<app>.azurewebsites.net"
[ -n "${SMOKE_TEST_KEY:-}" ] || fail "SMOKE_TEST_KEY is not set: give the default key of the app, which the portal shows under App keys."
start_order
wait_for_expected_state
instance=${location##*/instances/}
say "The smoke order is $status: instance ${instance%%\?*}, see $dashboard"
