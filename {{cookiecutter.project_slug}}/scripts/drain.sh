#!/usr/bin/env bash
# Waits until no instance of the app in Azure runs, so that a deployment does not cut off work.
#
# Usage: DURABLE_URL=https://<app>.azurewebsites.net DURABLE_KEY=<key> bash scripts/drain.sh
#
# DURABLE_KEY is the system key durabletask_extension, or none when the app has no such key yet: Durable
# Functions creates it when it runs for the first time. DRAIN_MINUTES is how long this waits: 10, unless
# you set it. An instance that waits for an event or a timer counts as running, a suspended one does not.

{ set +x; } 2>/dev/null # tracing would show the key
set -euo pipefail
trap 'exit 130' INT

DRAIN_MINUTES=${DRAIN_MINUTES:-10}
RETRY_PAUSE=${RETRY_PAUSE:-15} # seconds

# shellcheck source=/dev/null
source "$(dirname "${BASH_SOURCE[0]}")/management-api.sh"

# Sets running to the number of instances that run or will, or to nothing when that is unknown. An
# entity is always running: its id starts with @. A page can be empty and have a next one.
count_running() {
    local next="" found=0
    running=
    while :; do
        get_instances "?runtimeStatus=Running,Pending&showInput=false&top=100" --header "x-ms-continuation-token: $next"
        [[ $STATUS == 200 && $BODY == "["* ]] || return 0
        found=$((found + $(grep -o '"instanceId": *"[^@]' <<<"$BODY" | wc -l))) || true
        next=$(sed -n 's/^[Xx]-[Mm][Ss]-[Cc]ontinuation-[Tt]oken: *//p' <<<"$HEADERS")
        [ -n "$next" ] || break
    done
    running=$found
}

# Ends the script, because nothing can run.
end_before_the_first_deployment() {
    say "The app has no instances yet: no Durable Functions are deployed."
    exit 0
}

read_arguments "$@"
check_number DRAIN_MINUTES 0 1440
check_number RETRY_PAUSE 0 3600
check_app
[ "${DURABLE_KEY:-}" != none ] || end_before_the_first_deployment
deadline=$((SECONDS + DRAIN_MINUTES * 60))
while :; do
    count_running
    [ "$STATUS" != 404 ] || end_before_the_first_deployment
    if [ "$running" = 0 ]; then
        say "No instance runs."
        exit 0
    fi
    left=$((deadline - SECONDS))
    [ "$left" -gt 0 ] || break
    say "Instances that run: ${running:-unknown (last response: $STATUS)}. Waiting, $(((left + 59) / 60)) minutes left"
    sleep "$RETRY_PAUSE"
done
[ -n "$running" ] ||
    fail "Cannot read which instances run (last response: $STATUS): see the log stream of the app in the portal."
fail "Instances that run after $DRAIN_MINUTES minutes: $running. Set DRAIN_MINUTES to wait longer; for instances that run for days, see 'Deployments and running work' in docs/deploy.md."
