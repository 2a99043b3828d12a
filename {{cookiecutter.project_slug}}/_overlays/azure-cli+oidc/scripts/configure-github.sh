#!/usr/bin/env bash
# Lets the deploy workflow of a GitHub repository sign in to Azure without a secret.
#
# Usage: GITHUB_REPOSITORY=<owner>/<repository> bash scripts/configure-github.sh
#
# Creates an identity that may deploy the app and nothing else, trusts the environment "production" of
# the repository, and sets the variables of the workflow: with gh when it is installed and signed in,
# else it prints them.

set -euo pipefail
# shellcheck source=/dev/null
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# shellcheck source=/dev/null
source "$SCRIPTS/github.sh"
read_arguments "$@"
load_settings
choose_names
find_repository
DEPLOY_IDENTITY_NAME=${DEPLOY_IDENTITY_NAME:-id-$PROJECT-deploy}

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

publish_variables "AZURE_CLIENT_ID=$client" "AZURE_TENANT_ID=$tenant" \
    "AZURE_SUBSCRIPTION_ID=$SUBSCRIPTION_ID" "AZURE_FUNCTIONAPP_NAME=$APP_NAME"
