#!/usr/bin/env bash
# Lets the deploy workflow of a GitHub repository sign in to Azure without a secret.
#
# Usage: GITHUB_REPOSITORY=<owner>/<repository> bash scripts/configure-github.sh
#
# Makes an identity that may deploy the app and nothing else, trusts the environment "production" of
# the repository, and sets the variables of the workflow: with gh when it is installed and signed in,
# else it prints them.

set -euo pipefail
# shellcheck source=/dev/null
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
read_arguments "$@"
load_settings
choose_names

[[ ${GITHUB_REPOSITORY:-} =~ ^[A-Za-z0-9_-]+/[A-Za-z0-9._-]+$ ]] ||
    fail "GITHUB_REPOSITORY must be <owner>/<repository>: set it, then run this again."
DEPLOY_IDENTITY_NAME=${DEPLOY_IDENTITY_NAME:-id-$PROJECT-deploy}

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
    say "  $1=$2"
}

use_gh=no
if command -v gh >/dev/null && gh auth status >/dev/null 2>&1; then use_gh=yes; fi
prefix=$(subject_prefix)
say "Creating the identity that deploys"
az_checked identity create --resource-group "$RESOURCE_GROUP" --name "$DEPLOY_IDENTITY_NAME" \
    --location "$LOCATION" --output none
client=$(az_value "client id" identity show --resource-group "$RESOURCE_GROUP" \
    --name "$DEPLOY_IDENTITY_NAME" --query clientId)
principal=$(az_value "principal" identity show --resource-group "$RESOURCE_GROUP" \
    --name "$DEPLOY_IDENTITY_NAME" --query principalId)
app=$(az_value "function app" functionapp show --resource-group "$RESOURCE_GROUP" \
    --name "$APP_NAME" --query id)
tenant=$(az_value "tenant" account show --query tenantId)
az_checked identity federated-credential create --resource-group "$RESOURCE_GROUP" \
    --identity-name "$DEPLOY_IDENTITY_NAME" --name github-production \
    --issuer https://token.actions.githubusercontent.com \
    --subject "$prefix:environment:production" \
    --audiences api://AzureADTokenExchange --output none
grant "$principal" ServicePrincipal "Website Contributor" "$app"

if [ "$use_gh" = yes ]; then
    say "Variables of $GITHUB_REPOSITORY, set with gh:"
else
    say "Set these variables of $GITHUB_REPOSITORY (Settings, Secrets and variables, Actions, Variables):"
fi
set_variable AZURE_CLIENT_ID "$client"
set_variable AZURE_TENANT_ID "$tenant"
set_variable AZURE_SUBSCRIPTION_ID "$SUBSCRIPTION_ID"
set_variable AZURE_FUNCTIONAPP_NAME "$APP_NAME"
say "A new identity needs some minutes. If the workflow still cannot sign in (AADSTS700213), the message names the subject of its token: set GITHUB_SUBJECT_PREFIX to what stands before ':environment', then run this again."
