# Sourced by the scripts that ask Durable Functions about instances: the management API of the app.
# shellcheck shell=bash

# shellcheck source=/dev/null
source "$(dirname "${BASH_SOURCE[0]}")/messages.sh"

# Ends the script when the environment does not say where the app is. Only an app in Azure has keys.
check_app() {
    require curl https://curl.se
    [[ ${DURABLE_URL:-} =~ ^https://|^http://(localhost|127\.0\.0\.1)[:/] ]] ||
        fail "DURABLE_URL must be the address of the app: set it to https://<app>.azurewebsites.net"
    [[ -n ${DURABLE_KEY:-} || $DURABLE_URL == http://* ]] ||
        fail "DURABLE_KEY is not set: give the system key durabletask_extension of the app, which the portal shows under App keys."
}

# Sends a GET for instances: a query that starts with '?', or '/' and an id. More arguments are those of
# curl. Sets STATUS (a number, or none), HEADERS and BODY. The key reaches curl by a pipe: an argument
# could be read by every program on this computer. With a .curlrc that follows redirects, another host
# could get the key.
get_instances() {
    local response
    response=$(printf 'url = "%s/runtime/webhooks/durabletask/instances%s"\nheader = "x-functions-key: %s"\n' \
        "${DURABLE_URL%/}" "$1" "${DURABLE_KEY:-}" |
        curl --no-location --silent --max-time 30 --suppress-connect-headers --dump-header - --config - "${@:2}" |
        LC_ALL=C tr -d '\r') || true
    STATUS=none
    if [[ $response =~ ^HTTP/[0-9.]+\ ([0-9]+) ]]; then STATUS=${BASH_REMATCH[1]}; fi
    # shellcheck disable=SC2034 # for the scripts that source this
    HEADERS=${response%%$'\n\n'*}
    # shellcheck disable=SC2034
    BODY=${response#*$'\n\n'}
    [ "$STATUS" != 401 ] || fail "The app does not accept the key: give its system key durabletask_extension in DURABLE_KEY, which the portal shows under App keys."
}
