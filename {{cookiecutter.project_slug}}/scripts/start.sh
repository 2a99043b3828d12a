#!/usr/bin/env bash
# Starts the emulators, waits until they listen, then starts the function app.
set -euo pipefail

CDPATH="" cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() {
    printf '%s\n' "$1" >&2
    exit 1
}

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

command -v docker >/dev/null || fail "docker is missing: install it from https://docs.docker.com/get-started/get-docker/"
answer=$(docker info 2>&1 >/dev/null) || fail "docker does not answer: $(tail -n 1 <<<"$answer")"
docker compose version >/dev/null 2>&1 || fail "docker compose is missing: install the Compose plugin of Docker."
command -v func >/dev/null || fail "func is missing: install the Azure Functions Core Tools 4, see https://learn.microsoft.com/azure/azure-functions/functions-run-local"
{% if cookiecutter.language == "python" %}
activate=.venv/bin/activate
[ -f "$activate" ] || activate=.venv/Scripts/activate # Git Bash on Windows
[ -f "$activate" ] || fail "the virtual environment is missing: make it as the README shows under 'Test it'."
{% elif cookiecutter.__worker_runtime == "node" %}
command -v npm >/dev/null || fail "npm is missing: install Node.js 22 or newer from https://nodejs.org"
{% else %}
command -v dotnet >/dev/null || fail "dotnet is missing: install the .NET SDK from https://dotnet.microsoft.com/download/dotnet/10.0"
{% endif %}
[ -f src/local.settings.json ] || cp src/local.settings.example.json src/local.settings.json

docker compose up --detach || fail "the emulators did not start: is another program using port 8080, 8082 or 10000 to 10002?"
wait_for 8080 "The scheduler emulator"
wait_for 10000 "The storage emulator"
echo "The dashboard of the scheduler is at http://localhost:8082"

{% if cookiecutter.language == "python" %}
# shellcheck source=/dev/null
source "$activate"
{% endif %}
cd src
{% if cookiecutter.__worker_runtime == "node" %}
[ -d node_modules ] || npm ci
{% if cookiecutter.language == "typescript" %}
npm run build
{% endif %}
{% endif %}
exec func start "$@"
