#!/usr/bin/env bash
# Gives the app's identity its roles, writes the settings of the app, and removes the storage key.
#
# Usage: bash scripts/configure-identity.sh
#
# Part of scripts/provision.sh. Run it alone to restore roles or settings that were changed.

set -euo pipefail
# shellcheck source=/dev/null
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
read_arguments "$@"
load_settings{% if cookiecutter.identity == "user-assigned" %} IDENTITY_NAME{% endif %}

choose_names

storage=$(az_value "storage account" storage account show --resource-group "$RESOURCE_GROUP" \
    --name "$STORAGE_ACCOUNT" --query id)
insights=$(az_value "Application Insights" monitor app-insights component show \
    --resource-group "$RESOURCE_GROUP" --app "$APP_INSIGHTS_NAME" --query id)
telemetry=$(az_value "connection string of Application Insights" monitor app-insights component show \
    --resource-group "$RESOURCE_GROUP" --app "$APP_INSIGHTS_NAME" --query connectionString)
hub=$(az_value "task hub" durabletask taskhub show --resource-group "$RESOURCE_GROUP" \
    --scheduler-name "$SCHEDULER_NAME" --name "$TASK_HUB_NAME" --query id)
endpoint=$(az_value "endpoint of the scheduler" durabletask scheduler show \
    --resource-group "$RESOURCE_GROUP" --name "$SCHEDULER_NAME" --query properties.endpoint)
{% if cookiecutter.identity == "user-assigned" %}
identity=$(az_value "identity" identity show --resource-group "$RESOURCE_GROUP" --name "$IDENTITY_NAME" --query id)
principal=$(az_value "principal of the identity" identity show --resource-group "$RESOURCE_GROUP" \
    --name "$IDENTITY_NAME" --query principalId)
client=$(az_value "client id of the identity" identity show --resource-group "$RESOURCE_GROUP" \
    --name "$IDENTITY_NAME" --query clientId)
{% endif %}

# An app that exists can lack its identity: 'functionapp create' takes it away again when it could
# not give it a role.
{% if cookiecutter.identity == "user-assigned" %}
assigned=$(az_checked functionapp identity show --resource-group "$RESOURCE_GROUP" --name "$APP_NAME" \
    --query "userAssignedIdentities.*.principalId" --output tsv)
[[ $assigned == *"$principal"* ]] ||
    az_checked functionapp identity assign --resource-group "$RESOURCE_GROUP" --name "$APP_NAME" \
        --identities "$identity" --output none
{% else %}
assigned=$(az_checked functionapp identity show --resource-group "$RESOURCE_GROUP" --name "$APP_NAME" \
    --query principalId --output tsv)
[ -n "$assigned" ] ||
    az_checked functionapp identity assign --resource-group "$RESOURCE_GROUP" --name "$APP_NAME" --output none
principal=$(az_value "identity of the app" functionapp identity show --resource-group "$RESOURCE_GROUP" \
    --name "$APP_NAME" --query principalId)
{% endif %}

say "Granting the app its roles (a minute; longer when the identity is new)"
grant "$principal" ServicePrincipal "Storage Blob Data Owner" "$storage"
grant "$principal" ServicePrincipal "Durable Task Data Contributor" "$hub"
grant "$principal" ServicePrincipal "Monitoring Metrics Publisher" "$insights"

# For the dashboard; a service principal that runs this in a pipeline has no signed-in user.
# A guest may not be able to read the directory.
if developer=$(az_bounded ad signed-in-user show --query id --output tsv 2>/dev/null) && [ -n "$developer" ]; then
    grant "$developer" User "Durable Task Data Contributor" "$hub"
else
    say "The signed-in user cannot be read, so nobody was given access to the dashboard: assign the role Durable Task Data Contributor on the task hub to the people who need it." >&2
fi

say "Writing the settings of the app"
az_checked functionapp config appsettings set --resource-group "$RESOURCE_GROUP" --name "$APP_NAME" \
    --output none --settings \
    "TASKHUB_NAME=${hub##*/}" \
    "AzureWebJobsStorage__accountName=$STORAGE_ACCOUNT" \
    "APPLICATIONINSIGHTS_CONNECTION_STRING=$telemetry" \
{% if cookiecutter.hosting_plan != "flex-consumption" %}
    "WEBSITE_RUN_FROM_PACKAGE=1" \
{% endif %}
{% if cookiecutter.identity == "user-assigned" %}
    "AzureWebJobsStorage__credential=managedidentity" \
    "AzureWebJobsStorage__clientId=$client" \
    "APPLICATIONINSIGHTS_AUTHENTICATION_STRING=ClientId=$client;Authorization=AAD" \
    "DURABLE_TASK_SCHEDULER_CONNECTION_STRING=Endpoint=$endpoint;Authentication=ManagedIdentity;ClientID=$client"
{% else %}
    "APPLICATIONINSIGHTS_AUTHENTICATION_STRING=Authorization=AAD" \
    "DURABLE_TASK_SCHEDULER_CONNECTION_STRING=Endpoint=$endpoint;Authentication=ManagedIdentity"
{% endif %}
# The Azure CLI has created the app with a key of the storage account.
az_checked functionapp config appsettings delete --resource-group "$RESOURCE_GROUP" --name "$APP_NAME" \
    --setting-names AzureWebJobsStorage AzureWebJobsDashboard --output none
# The app has started without its roles.
az_checked functionapp restart --resource-group "$RESOURCE_GROUP" --name "$APP_NAME" --output none
