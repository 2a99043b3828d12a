#!/usr/bin/env bash
# Tests a generated project in the Functions host of the Core Tools, with the emulators of its compose.yaml.
# Usage: e2e.sh PROJECT LANGUAGE-PATTERN
# Environment: SCHEDULER_EMULATOR, a tag that replaces the one of compose.yaml; PORT of the app (7071).
# It needs Docker, the Core Tools, and what the project's README asks for.
set -euo pipefail

project=$(cd "$1" && pwd)
variant=$2
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
url=http://localhost:${PORT:-7071}
log=$project/../func.log

stop() {
  status=$?
  kill -- "-$app" 2>/dev/null || true
  (cd "$project" && docker compose down)
  [ "$status" -eq 0 ] || cat "$log"
}

wait_for_app() {
  for _ in $(seq 180); do
    if curl --silent --output /dev/null "$url"; then return; fi
    kill -0 "$app" 2>/dev/null || break
    sleep 1
  done
  echo "The app does not respond at $url: see its log below." >&2
  return 1
}

if [ -n "${SCHEDULER_EMULATOR:-}" ]; then
  printf 'services:\n  scheduler:\n    image: mcr.microsoft.com/dts/dts-emulator:%s\n' "$SCHEDULER_EMULATOR" \
    >"$project/compose.override.yaml"
fi

set -m # a process group of its own: the host starts a worker
bash "$project/scripts/start.sh" --port "${PORT:-7071}" >"$log" 2>&1 </dev/null &
app=$!
set +m
trap stop EXIT
wait_for_app

cd "$repository"
APP_URL=$url APP_VARIANT=$variant .venv/bin/pytest -m over_http \
  tests/projects/test_contract.py tests/projects/test_patterns.py
