#!/usr/bin/env bash
# Makes package/, which is what Azure runs: the compiled app, and the packages that it needs.
set -euo pipefail

CDPATH="" cd "$(dirname "${BASH_SOURCE[0]}")/../src"

fail() {
    printf '%s\n' "$1" >&2
    exit 1
}

command -v npm >/dev/null || fail "npm is missing: install Node.js 22 or newer from https://nodejs.org"

rm -rf ../package
(npm ci && npm run build) || fail "the app could not be built: correct the errors above."
mkdir ../package
cp -R dist ../package
rm -rf ../package/dist/tests
find ../package -name '*.js.map' -delete
cp .funcignore host.json package.json package-lock.json ../package
npm ci --omit=dev --os=linux --cpu=x64 --prefix ../package ||
    fail "the packages could not be installed: npm says why."
