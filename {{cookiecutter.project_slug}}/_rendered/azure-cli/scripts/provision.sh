#!/usr/bin/env bash
# Creates the Azure resources of this project and lets the app reach them without keys.
#
# Usage: bash scripts/provision.sh
#
{% if cookiecutter.scheduler_sku == "dedicated" %}
# Takes about ten minutes, and up to fifteen more for the dedicated scheduler.
{% else %}
# Takes about ten minutes.
{% endif %}
# Every step can be repeated: after an error, correct its cause and run this again.
# The names stand in scripts/settings.env; environment variables of the same names win.

set -euo pipefail
# shellcheck source=/dev/null
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
read_arguments "$@"
load_settings
choose_names
{% if cookiecutter.identity == "user-assigned" %}
check_name IDENTITY_NAME 3 128 '[A-Za-z0-9][A-Za-z0-9_-]*' "3 to 128 letters, digits, _ or -, starting with a letter or digit"
{% endif %}
{% if cookiecutter.hosting_plan != "flex-consumption" %}
check_name PLAN_NAME 1 40 '[A-Za-z0-9-]+' "1 to 40 letters, digits or hyphens"
{% endif %}

check_region() {
    local offered
    offered=$(az_value "region with schedulers" provider show --namespace Microsoft.DurableTask \
        --query "resourceTypes[?resourceType=='schedulers'].locations | [0]")
    offered=$(tr -d ' \r' <<<"$offered" | tr '[:upper:]' '[:lower:]')
    grep -qx "$LOCATION" <<<"$offered" ||
        fail "LOCATION=$LOCATION does not offer the Durable Task Scheduler: choose one of ${offered//$'\n'/, }."
}

create_storage() {
    say "Creating the storage account (half a minute)"
{% if cookiecutter.hosting_plan == "premium" %}
    # Elastic Premium keeps its content on a file share, and Azure Files knows no identities there.
{% endif %}
    az_checked storage account create --resource-group "$RESOURCE_GROUP" --name "$STORAGE_ACCOUNT" \
        --location "$LOCATION" --sku Standard_LRS --min-tls-version TLS1_2 \
        --allow-blob-public-access false \
        --allow-shared-key-access {{ "true" if cookiecutter.hosting_plan == "premium" else "false" }} --output none
}

create_telemetry() {
    say "Creating Log Analytics and Application Insights (a minute)"
    az_checked monitor log-analytics workspace create --resource-group "$RESOURCE_GROUP" \
        --workspace-name "$LOG_ANALYTICS_NAME" --location "$LOCATION" --output none
    local workspace
    workspace=$(az_value "workspace" monitor log-analytics workspace show \
        --resource-group "$RESOURCE_GROUP" --workspace-name "$LOG_ANALYTICS_NAME" --query id)
    az_checked monitor app-insights component create --resource-group "$RESOURCE_GROUP" \
        --app "$APP_INSIGHTS_NAME" --location "$LOCATION" --workspace "$workspace" --output none
    # The app sends its telemetry as its identity: the key in the connection string is of no use.
    az_checked resource update --resource-group "$RESOURCE_GROUP" --name "$APP_INSIGHTS_NAME" \
        --resource-type Microsoft.Insights/components --set properties.DisableLocalAuth=true --output none
}

create_scheduler() {
    # Creating it again would reset the allow-list.
    if az_exists durabletask scheduler show --resource-group "$RESOURCE_GROUP" --name "$SCHEDULER_NAME"; then
        say "The scheduler exists; its allow-list stays as it is"
    else
{% if cookiecutter.scheduler_sku == "dedicated" %}
        say "Creating the dedicated scheduler (up to fifteen minutes)"
{% else %}
        say "Creating the scheduler (some minutes)"
{% endif %}
        # shellcheck disable=SC2086 # the addresses are separate arguments
        az_checked durabletask scheduler create --resource-group "$RESOURCE_GROUP" \
            --name "$SCHEDULER_NAME" --location "$LOCATION" \
{% if cookiecutter.scheduler_sku == "dedicated" %}
            --sku-name Dedicated --sku-capacity 1 --ip-allowlist $IP_ALLOWLIST --output none
{% else %}
            --sku-name Consumption --ip-allowlist $IP_ALLOWLIST --output none
{% endif %}
    fi
    az_checked durabletask taskhub create --resource-group "$RESOURCE_GROUP" \
        --scheduler-name "$SCHEDULER_NAME" --name "$TASK_HUB_NAME" --output none
}

create_app() {
{% if cookiecutter.identity == "user-assigned" %}
    local identity
    az_checked identity create --resource-group "$RESOURCE_GROUP" --name "$IDENTITY_NAME" \
        --location "$LOCATION" --output none
    identity=$(az_value "identity" identity show --resource-group "$RESOURCE_GROUP" \
        --name "$IDENTITY_NAME" --query id)
{% endif %}
{% if cookiecutter.hosting_plan == "premium" %}
    az_checked functionapp plan create --resource-group "$RESOURCE_GROUP" --name "$PLAN_NAME" \
        --location "$LOCATION" --sku EP1 --is-linux true --max-burst 20 --output none
{% elif cookiecutter.hosting_plan == "app-service" %}
    az_checked functionapp plan create --resource-group "$RESOURCE_GROUP" --name "$PLAN_NAME" \
        --location "$LOCATION" --sku P0V3 --is-linux true --output none
{% endif %}
    # Creating it again would drop its settings.
    if az_exists functionapp show --resource-group "$RESOURCE_GROUP" --name "$APP_NAME"; then
        say "The function app exists"
        return
    fi
    say "Creating the function app (two minutes)"
    az_checked functionapp create --resource-group "$RESOURCE_GROUP" --name "$APP_NAME" \
{% if cookiecutter.hosting_plan == "flex-consumption" %}
        --flexconsumption-location "$LOCATION" \
{% else %}
        --plan "$PLAN_NAME" --os-type Linux --functions-version 4 \
{% endif %}
        --runtime {{ cookiecutter.__worker_runtime }} --runtime-version {{ cookiecutter.__runtime_version }} \
        --storage-account "$STORAGE_ACCOUNT" --app-insights "$APP_INSIGHTS_NAME" --https-only true \
{% if cookiecutter.hosting_plan == "flex-consumption" and cookiecutter.identity == "user-assigned" %}
        --deployment-storage-auth-type UserAssignedIdentity --deployment-storage-auth-value "$identity" \
{% elif cookiecutter.hosting_plan == "flex-consumption" %}
        --deployment-storage-auth-type SystemAssignedIdentity \
{% endif %}
{% if cookiecutter.identity == "user-assigned" %}
        --assign-identity "$identity" --output none
{% else %}
        --assign-identity '[system]' --output none
{% endif %}
}

configure_app() {
{% if cookiecutter.hosting_plan == "premium" %}
    az_checked functionapp config set --resource-group "$RESOURCE_GROUP" --name "$APP_NAME" \
        --min-tls-version 1.2 --ftps-state Disabled --output none
    # Lets the plan scale on the work of the task hub.
    az_checked resource update --resource-group "$RESOURCE_GROUP" --name "$APP_NAME/config/web" \
        --resource-type Microsoft.Web/sites \
        --set properties.functionsRuntimeScaleMonitoringEnabled=1 --output none
{% elif cookiecutter.hosting_plan == "app-service" %}
    az_checked functionapp config set --resource-group "$RESOURCE_GROUP" --name "$APP_NAME" \
        --always-on true --min-tls-version 1.2 --ftps-state Disabled --output none
{% endif %}
    # The password of the publish profile: {{ "the deploy workflow needs it" if cookiecutter.deploy_auth == "publish-profile" else "nobody needs it" }}.
    az_checked resource update --resource-group "$RESOURCE_GROUP" --namespace Microsoft.Web \
        --parent "sites/$APP_NAME" --resource-type basicPublishingCredentialsPolicies --name scm \
        --set properties.allow={{ "true" if cookiecutter.deploy_auth == "publish-profile" else "false" }} --output none
    az_checked resource update --resource-group "$RESOURCE_GROUP" --namespace Microsoft.Web \
        --parent "sites/$APP_NAME" --resource-type basicPublishingCredentialsPolicies --name ftp \
        --set properties.allow=false --output none
}

subscription=$(az_value "subscription" account show --query name)
say "Subscription $subscription ($SUBSCRIPTION_ID); 'az account set --subscription <name>' chooses another"
say "Resource group $RESOURCE_GROUP in $LOCATION: scheduler $SCHEDULER_NAME, app $APP_NAME, storage $STORAGE_ACCOUNT"
say "Preparing the Azure CLI and the subscription (a minute)"
az_checked extension add --name durabletask --upgrade
az_checked extension add --name application-insights --upgrade
az_checked provider register --namespace Microsoft.DurableTask --wait
check_region
az_checked group create --name "$RESOURCE_GROUP" --location "$LOCATION" --output none
create_storage
create_telemetry
create_scheduler
create_app
configure_app
bash "$SCRIPTS/configure-identity.sh"

dashboard=$(az_value "task hub" durabletask taskhub show --resource-group "$RESOURCE_GROUP" \
    --scheduler-name "$SCHEDULER_NAME" --name "$TASK_HUB_NAME" --query properties.dashboardUrl)
say "App:       https://$APP_NAME.azurewebsites.net"
say "Dashboard: $dashboard"
say "Next:      bash scripts/deploy.sh"
