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
# Every step can be repeated: after an error, correct its cause and run this again. What exists is
# kept, but for what protects it, which is restored: docs/provisioning.md has the list.
# The names are defined in scripts/settings.env; environment variables of the same names take precedence.

set -euo pipefail
# shellcheck source=/dev/null
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
read_arguments "$@"
load_settings{% if cookiecutter.identity == "user-assigned" %} IDENTITY_NAME{% endif %}{% if cookiecutter.hosting_plan != "flex-consumption" %} PLAN_NAME{% endif %}

choose_names

# A newer version stays: 'extension add --upgrade' can replace a preview by an older release.
need_extension() {
    local name=$1 floor=$2 version
    version=$(az_checked extension list --query "[?name=='$name'].version | [0]" --output tsv)
    [ "$(order_of "$version")" -ge "$(order_of "$floor")" ] ||
        az_checked extension add --name "$name" --upgrade --allow-preview true
}

# Prints a number by which versions can be compared: 1.0.0b7 is older than 1.0.0.
order_of() {
    local pattern='^([0-9]+)\.([0-9]+)\.([0-9]+)(b([0-9]+))?$'
    [[ $1 =~ $pattern ]] || set -- 0.0.0b0
    [[ $1 =~ $pattern ]]
    printf '%d%03d%03d%03d' "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}" "${BASH_REMATCH[3]}" "${BASH_REMATCH[5]:-999}"
}

# Registering needs a right on the subscription, even when the provider is already registered.
register_providers() {
    local provider state
    for provider in Microsoft.DurableTask Microsoft.Insights Microsoft.ManagedIdentity \
        Microsoft.OperationalInsights Microsoft.Storage Microsoft.Web; do
        state=$(az_value "provider $provider" provider show --namespace "$provider" --query registrationState)
        [ "$state" = Registered ] || az_checked provider register --namespace "$provider" --wait
    done
}

check_region() {
    local offered
    offered=$(az_value "region with schedulers" provider show --namespace Microsoft.DurableTask \
        --query "resourceTypes[?resourceType=='schedulers'].locations | [0]")
    offered=$(tr -d ' ' <<<"$offered" | lower_case)
    grep -qx "$LOCATION" <<<"$offered" ||
        fail "LOCATION=$LOCATION does not offer the Durable Task Scheduler: choose one of ${offered//$'\n'/, }."
}

# Whether a resource exists. It must be in LOCATION then: the app is near what it uses.
exists_here() {
    local what=$1 region code=0
    shift
    region=$(az_exists "$@" --query location --output tsv) || code=$?
    [ "$code" -ne 3 ] || return 3
    [ "$code" -eq 0 ] || exit "$code"
    region=$(tr -d ' ' <<<"$region" | lower_case)
    [ "$region" = "$LOCATION" ] ||
        fail "LOCATION=$LOCATION does not fit: the $what exists in $region. Set LOCATION or the name in scripts/settings.env, then run this again."
}

create_group() {
    az_exists group show --name "$RESOURCE_GROUP" --output none ||
        az_checked group create --name "$RESOURCE_GROUP" --location "$LOCATION" --output none
}

create_storage() {
    local account=(--resource-group "$RESOURCE_GROUP" --name "$STORAGE_ACCOUNT") tls
{% if cookiecutter.hosting_plan == "premium" %}
    # Elastic Premium keeps its content on a file share, and Azure Files does not support identities there.
{% endif %}
    local access=(--https-only true --allow-blob-public-access false
        --allow-shared-key-access {{ "true" if cookiecutter.hosting_plan == "premium" else "false" }})
    if exists_here "storage account" storage account show "${account[@]}"; then
        say "The storage account exists"
        tls=$(az_value "storage account" storage account show "${account[@]}" --query minimumTlsVersion)
        [ "$tls" = TLS1_3 ] || tls=TLS1_2
        az_checked storage account update "${account[@]}" "${access[@]}" --min-tls-version "$tls" --output none
        return
    fi
    say "Creating the storage account (half a minute)"
    az_checked storage account create "${account[@]}" "${access[@]}" --location "$LOCATION" \
        --sku Standard_LRS --min-tls-version TLS1_2 --output none
}

create_telemetry() {
    local workspace
    if ! exists_here "Log Analytics workspace" monitor log-analytics workspace show \
        --resource-group "$RESOURCE_GROUP" --workspace-name "$LOG_ANALYTICS_NAME"; then
        say "Creating Log Analytics (a minute)"
        az_checked monitor log-analytics workspace create --resource-group "$RESOURCE_GROUP" \
            --workspace-name "$LOG_ANALYTICS_NAME" --location "$LOCATION" --output none
    fi
    if ! exists_here "Application Insights" monitor app-insights component show \
        --resource-group "$RESOURCE_GROUP" --app "$APP_INSIGHTS_NAME"; then
        say "Creating Application Insights (half a minute)"
        workspace=$(az_value "workspace" monitor log-analytics workspace show \
            --resource-group "$RESOURCE_GROUP" --workspace-name "$LOG_ANALYTICS_NAME" --query id)
        az_checked monitor app-insights component create --resource-group "$RESOURCE_GROUP" \
            --app "$APP_INSIGHTS_NAME" --location "$LOCATION" --workspace "$workspace" --output none
    fi
    # The app sends its telemetry as its identity: the key in the connection string is of no use.
    az_checked resource update --resource-group "$RESOURCE_GROUP" --name "$APP_INSIGHTS_NAME" \
        --resource-type Microsoft.Insights/components --set properties.DisableLocalAuth=true --output none
}

create_scheduler() {
    local state addresses scheduler=(--resource-group "$RESOURCE_GROUP" --name "$SCHEDULER_NAME")
    if exists_here "scheduler" durabletask scheduler show "${scheduler[@]}"; then
        state=$(az_value "scheduler" durabletask scheduler show "${scheduler[@]}" --query properties.provisioningState)
        case $state in
        Failed | Canceled)
            say "The scheduler is in the state $state: creating it again"
            addresses=$(az_checked durabletask scheduler show "${scheduler[@]}" --query "properties.ipAllowlist[]" --output tsv)
            # Not 'scheduler create', which would drop its tags. An empty list would refuse everybody.
            # shellcheck disable=SC2086 # the addresses are separate arguments
            az_checked durabletask scheduler update "${scheduler[@]}" \
                --ip-allowlist ${addresses:-$IP_ALLOWLIST} --output none
            ;;
        *) say "The scheduler exists; its IP allowlist remains as it is" ;;
        esac
    else
{% if cookiecutter.scheduler_sku == "dedicated" %}
        say "Creating the dedicated scheduler (up to fifteen minutes)"
{% else %}
        say "Creating the scheduler (some minutes)"
{% endif %}
        # shellcheck disable=SC2086 # the addresses are separate arguments
        az_checked durabletask scheduler create "${scheduler[@]}" --location "$LOCATION" \
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
    exists_here "identity" identity show --resource-group "$RESOURCE_GROUP" --name "$IDENTITY_NAME" ||
        az_checked identity create --resource-group "$RESOURCE_GROUP" --name "$IDENTITY_NAME" \
            --location "$LOCATION" --output none
    identity=$(az_value "identity" identity show --resource-group "$RESOURCE_GROUP" \
        --name "$IDENTITY_NAME" --query id)
{% endif %}
{% if cookiecutter.hosting_plan != "flex-consumption" %}
    exists_here "plan" functionapp plan show --resource-group "$RESOURCE_GROUP" --name "$PLAN_NAME" ||
        az_checked functionapp plan create --resource-group "$RESOURCE_GROUP" --name "$PLAN_NAME" \
{% if cookiecutter.hosting_plan == "premium" %}
            --location "$LOCATION" --sku EP1 --is-linux true --max-burst 20 --output none
{% else %}
            --location "$LOCATION" --sku P0V3 --is-linux true --output none
{% endif %}
{% endif %}
    # Creating it again would drop its settings.
    if exists_here "function app" functionapp show --resource-group "$RESOURCE_GROUP" --name "$APP_NAME"; then
        say "The function app exists"
        return
    fi
    say "Creating the function app (two minutes)"
    <## The CLI calls .NET 10 "10" (2.91 refuses "10.0" on the plans other than Flex Consumption), ARM "10.0". ##>
    az_checked functionapp create --resource-group "$RESOURCE_GROUP" --name "$APP_NAME" \
{% if cookiecutter.hosting_plan == "flex-consumption" %}
        --flexconsumption-location "$LOCATION" \
{% else %}
        --plan "$PLAN_NAME" --os-type Linux --functions-version 4 \
{% endif %}
        --runtime {{ cookiecutter.__worker_runtime }} --runtime-version {{ cookiecutter.__cli_runtime_version }} \
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
    local app=(--resource-group "$RESOURCE_GROUP" --name "$APP_NAME") tls https{% if cookiecutter.hosting_plan == "flex-consumption" %} id{% endif %}

    https=$(az_value "function app" functionapp show "${app[@]}" --query "httpsOnly || properties.httpsOnly || 'false'")
    [ "$https" = true ] || az_checked functionapp update "${app[@]}" --set httpsOnly=true --output none
    tls=$(az_value "configuration of the app" functionapp config show "${app[@]}" --query minTlsVersion)
{% if cookiecutter.hosting_plan == "flex-consumption" %}
    # 'functionapp config set' would send all of the configuration, with what this plan refuses.
    if ! [[ $tls == 1.[23] ]]; then
        id=$(az_value "function app" functionapp show "${app[@]}" --query id)
        az_checked rest --method patch --url "$id/config/web?api-version=2024-11-01" \
            --body '{"properties": {"minTlsVersion": "1.2"}}' --output none
    fi
{% else %}
    [ "$tls" = 1.3 ] || tls=1.2
    az_checked functionapp config set "${app[@]}" --min-tls-version "$tls" --ftps-state Disabled \
{% if cookiecutter.hosting_plan == "app-service" %}
        --always-on true \
{% endif %}
        --output none
{% endif %}
{% if cookiecutter.hosting_plan == "premium" %}
    # Lets the plan scale on the work of the task hub.
    az_checked resource update --resource-group "$RESOURCE_GROUP" --name "$APP_NAME/config/web" \
        --resource-type Microsoft.Web/sites \
        --set properties.functionsRuntimeScaleMonitoringEnabled=1 --output none
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
need_extension durabletask 1.0.0b7
need_extension application-insights 1.0.0
register_providers
check_region
create_group
create_storage
create_telemetry
create_scheduler
create_app
configure_app
bash "$SCRIPTS/configure-identity.sh"

dashboard=$(az_value "task hub" durabletask taskhub show --resource-group "$RESOURCE_GROUP" \
    --scheduler-name "$SCHEDULER_NAME" --name "$TASK_HUB_NAME" --query properties.dashboardUrl)
host=$(az_value "host name of the app" functionapp show --resource-group "$RESOURCE_GROUP" --name "$APP_NAME" \
    --query "defaultHostName || properties.defaultHostName")
say "App:       https://$host"
say "Dashboard: $dashboard"
say "Next:      bash scripts/deploy.sh"
