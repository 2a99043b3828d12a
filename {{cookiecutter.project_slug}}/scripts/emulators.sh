#!/usr/bin/env bash
# Starts the emulators of the scheduler and of Azure Storage, and waits until they answer.
#
# An open port is not enough: the proxy of Docker listens before the program in the container does.
set -euo pipefail

CDPATH="" cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=/dev/null
source scripts/messages.sh

LIMIT=${EMULATOR_TIMEOUT:-60} # seconds
[[ $LIMIT =~ ^[0-9]+$ ]] || fail "EMULATOR_TIMEOUT is '$LIMIT': it must be a number of seconds, as in 60."

# Prints the port of this computer for a port of a service: compose.yaml can map another one.
port_of() {
    local address
    address=$(docker compose port "$1" "$2" 2>/dev/null) || true
    if [[ $address =~ :([0-9]+) ]]; then say "${BASH_REMATCH[1]}"; else say "$2"; fi
}

# gRPC is HTTP/2: a server answers the preface of a client with a SETTINGS frame. The fourth byte of
# a frame is its type, and this type is 4 (RFC 9113, sections 3.4 and 4.1).
scheduler_answers() (
    exec 3<>"/dev/tcp/127.0.0.1/$1" || exit
    printf 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0' >&3
    LC_ALL=C
    for _ in 1 2 3 4; do
        IFS= read -r -d '' -n 1 -t 5 byte <&3 || exit
    done
    [ "$byte" = $'\4' ]
)

# Azurite gives its name in every response, also in one that refuses the request.
storage_answers() (
    exec 3<>"/dev/tcp/127.0.0.1/$1" || exit
    printf 'GET / HTTP/1.0\r\n\r\n' >&3
    while IFS= read -r -t 5 line <&3; do
        [[ $line != [Ss]erver:\ Azurite* ]] || exit 0
    done
    exit 1
)

wait_for() {
    local check=$1 service=$2 container_port=$3 port deadline=$((SECONDS + LIMIT))
    port=$(port_of "$service" "$container_port")
    until "$check" "$port" 2>/dev/null; do
        [ "$SECONDS" -lt "$deadline" ] ||
            fail "The $service emulator does not answer on port $port after $LIMIT seconds: see 'docker compose logs $service', and end other programs that use the port."
        sleep 1
    done
}

require docker https://docs.docker.com/get-started/get-docker/
answer=$(docker info 2>&1 >/dev/null) || fail "docker does not answer: $(tail -n 1 <<<"$answer")"
docker compose version >/dev/null 2>&1 || fail "docker compose is missing: install the Compose plugin of Docker."

docker compose up --detach || fail "the emulators did not start: is another program using port 8080, 8082 or 10000 to 10002?"
wait_for scheduler_answers scheduler 8080
wait_for storage_answers storage 10000
say "The dashboard of the scheduler is at http://localhost:$(port_of scheduler 8082)"
