#!/usr/bin/env bash
# Lets the deploy workflow of a GitHub repository sign in to Azure without a secret.
#
# Usage: GITHUB_REPOSITORY=<owner>/<repository> bash scripts/configure-github.sh
#
# Provisions once more, with an identity that may deploy the app and nothing else and trusts the
# environment "production" of the repository, and sets the variables of the workflow: with gh when it
# is installed and signed in, else it prints them.

set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() {
    printf '%s\n' "$1" >&2
    exit 1
}

value_of() {
    azd env get-value "$1" || fail "azd knows no $1: run 'azd up', then run this again."
}

# The subject of a token starts with the names of owner and repository; for repositories that were
# created, renamed or transferred since July 15, 2026, with their ids as well. GitHub knows which.
subject_prefix() {
    local prefix=${GITHUB_SUBJECT_PREFIX:-}
    if [ -z "$prefix" ] && [ "$use_gh" = yes ]; then
        prefix=$(gh api "repos/$GITHUB_REPOSITORY/actions/oidc/customization/sub" --jq '.sub_claim_prefix // ""') ||
            fail "gh could not read $GITHUB_REPOSITORY: create it on GitHub or check your rights, then run this again."
    fi
    printf '%s' "${prefix:-repo:$GITHUB_REPOSITORY}"
}

set_variable() {
    if [ "$use_gh" = yes ]; then
        gh variable set "$1" --repo "$GITHUB_REPOSITORY" --body "$2" ||
            fail "gh could not set the variable $1: check its rights on $GITHUB_REPOSITORY, then run this again."
    fi
    echo "  $1=$2"
}

command -v azd >/dev/null || fail "azd is missing: install it, see https://learn.microsoft.com/azure/developer/azure-developer-cli/install-azd"
[[ ${GITHUB_REPOSITORY:-} =~ ^[A-Za-z0-9_-]+/[A-Za-z0-9._-]+$ ]] ||
    fail "GITHUB_REPOSITORY must be <owner>/<repository>: set it, then run this again."

use_gh=no
if command -v gh >/dev/null && gh auth status >/dev/null 2>&1; then use_gh=yes; fi
prefix=$(subject_prefix)
echo "Creating the identity that deploys (some minutes)"
{ azd env set DEPLOY_REPOSITORY "$GITHUB_REPOSITORY" && azd env set DEPLOY_SUBJECT_PREFIX "$prefix"; } || fail "azd has no environment: run 'azd up', then run this again."
azd provision --no-prompt || fail "azd could not provision: correct what it says above, then run this again."
client=$(value_of DEPLOY_CLIENT_ID)
tenant=$(value_of AZURE_TENANT_ID)
subscription=$(value_of AZURE_SUBSCRIPTION_ID)
app=$(value_of AZURE_FUNCTIONAPP_NAME)

if [ "$use_gh" = yes ]; then
    echo "Variables of $GITHUB_REPOSITORY, set with gh:"
else
    echo "Set these variables of $GITHUB_REPOSITORY (Settings, Secrets and variables, Actions, Variables):"
fi
set_variable AZURE_CLIENT_ID "$client"
set_variable AZURE_TENANT_ID "$tenant"
set_variable AZURE_SUBSCRIPTION_ID "$subscription"
set_variable AZURE_FUNCTIONAPP_NAME "$app"
echo "A new identity needs some minutes. If the workflow still cannot sign in (AADSTS700213), the message names the subject of its token: set GITHUB_SUBJECT_PREFIX to what stands before ':environment', then run this again."
