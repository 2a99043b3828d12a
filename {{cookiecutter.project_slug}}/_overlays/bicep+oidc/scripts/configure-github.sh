#!/usr/bin/env bash
# Lets the deploy workflow of a GitHub repository sign in to Azure without a secret.
#
# Usage: GITHUB_REPOSITORY=<owner>/<repository> bash scripts/configure-github.sh
#
# Provisions once more, with an identity that may deploy the app and nothing else and trusts the
# environment "production" of the repository, and sets the variables of the workflow: with gh when it
# is installed and signed in, otherwise it prints them.

set -euo pipefail

# shellcheck source=/dev/null
source "$(dirname "${BASH_SOURCE[0]}")/github.sh"
read_arguments "$@"

CDPATH="" cd "$(dirname "${BASH_SOURCE[0]}")/.."

# The azd of Windows, called from bash in WSL, ends lines in CR LF.
value_of() {
    azd env get-value "$1" </dev/null | tr -d '\r' || fail "azd has no value for $1: run 'azd up', then run this again."
}

require azd https://learn.microsoft.com/azure/developer/azure-developer-cli/install-azd
find_repository

prefix=$(subject_prefix)
echo "Creating the identity that deploys (some minutes)"
{ azd env set DEPLOY_REPOSITORY "$GITHUB_REPOSITORY" && azd env set DEPLOY_SUBJECT_PREFIX "$prefix"; } || fail "azd has no environment: run 'azd up', then run this again."
azd provision --no-prompt || fail "azd could not provision: correct the error above, then run this again."
client=$(value_of DEPLOY_CLIENT_ID)
tenant=$(value_of AZURE_TENANT_ID)
subscription=$(value_of AZURE_SUBSCRIPTION_ID)
app=$(value_of AZURE_FUNCTIONAPP_NAME)

publish_variables "AZURE_CLIENT_ID=$client" "AZURE_TENANT_ID=$tenant" \
    "AZURE_SUBSCRIPTION_ID=$subscription" "AZURE_FUNCTIONAPP_NAME=$app"
