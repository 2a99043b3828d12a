#!/usr/bin/env bash
# Starts the emulators, waits until they listen, then starts the function app.
#
# Usage: bash scripts/start.sh [options of func start]
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=/dev/null
source scripts/app.sh

listens() {
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

wait_for() {
    local port=$1 service=$2
    for _ in $(seq 60); do
        listens "$port" && return
        sleep 1
    done
    fail "$service does not listen on port $port after 60 seconds: see 'docker compose logs'."
}

require docker https://docs.docker.com/get-started/get-docker/
answer=$(docker info 2>&1 >/dev/null) || fail "docker does not answer: $(tail -n 1 <<<"$answer")"
docker compose version >/dev/null 2>&1 || fail "docker compose is missing: install the Compose plugin of Docker."
require func https://learn.microsoft.com/azure/azure-functions/functions-run-local
check_app_tools
[ -f src/local.settings.json ] || cp src/local.settings.example.json src/local.settings.json

docker compose up --detach || fail "the emulators did not start: is another program using port 8080, 8082 or 10000 to 10002?"
wait_for 8080 "The scheduler emulator"
wait_for 10000 "The storage emulator"
say "The dashboard of the scheduler is at http://localhost:8082"

prepare_app
cd src
exec func start "$@"
