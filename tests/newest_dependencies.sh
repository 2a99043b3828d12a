#!/usr/bin/env bash
# Tests generated projects of a language with the newest packages that their ranges allow.
# Usage: newest_dependencies.sh LANGUAGE FOLDER
#   FOLDER: an empty folder for the projects
# The weekly job runs it: dependencies move even when the template does not.
set -euo pipefail

language=$1
folder=$(mkdir -p "$2" && cd "$2" && pwd)
template=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

test_python() {
  [ -d "$folder/venv" ] || python3 -m venv "$folder/venv"
  # shellcheck source=/dev/null
  source "$folder/venv/bin/activate"
  pip install --quiet uv
  python scripts/uv.py pip install --quiet --upgrade -r requirements-dev.txt
  pytest -q
  ruff check
  pyright
}

test_csharp() {
  dotnet package update
  dotnet build
  dotnet test --no-build
}

test_node() {
  cd src
  rm package-lock.json
  npm install --no-audit --no-fund
  npm test
  npm run lint
}

for pattern in $(python3 -c "import json; print(*json.load(open('$template/cookiecutter.json'))['pattern'])"); do
  echo "$language, $pattern"
  python3 -m cookiecutter "$template" --no-input --output-dir "$folder/$pattern" \
    language="$language" pattern="$pattern" >/dev/null
  (
    cd "$folder/$pattern/order-workflow"
    case $language in
      python) test_python ;;
      csharp) test_csharp ;;
      *) test_node ;;
    esac
  )
done
