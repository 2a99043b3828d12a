# Creates the Azure resources of this project and lets the app reach them without keys.
#
# Usage: pwsh scripts/provision.ps1
#
{% if cookiecutter.scheduler_sku == "dedicated" %}
# Takes about ten minutes, and up to fifteen more for the dedicated scheduler.
{% else %}
# Takes about ten minutes.
{% endif %}
# Every step can be repeated: after an error, correct its cause and run this again.
# The names stand in scripts/settings.env; environment variables of the same names win.

#Requires -Version 7.4
param([switch] $Help, [Parameter(ValueFromRemainingArguments)] [string[]] $Others)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
. (Join-Path $PSScriptRoot 'common.ps1')
Read-Argument $PSCommandPath $Help $Others
$Settings = Resolve-Setting
{% if cookiecutter.identity == "user-assigned" %}
Assert-Name 'IDENTITY_NAME' 3 128 '[A-Za-z0-9][A-Za-z0-9_-]*' '3 to 128 letters, digits, _ or -, starting with a letter or digit'
{% endif %}
{% if cookiecutter.hosting_plan != "flex-consumption" %}
Assert-Name 'PLAN_NAME' 1 40 '[A-Za-z0-9-]+' '1 to 40 letters, digits or hyphens'
{% endif %}
$group = $Settings.RESOURCE_GROUP
$location = $Settings.LOCATION
$scheduler = $Settings.SCHEDULER_NAME
$app = $Settings.APP_NAME
$storage = $Settings.STORAGE_ACCOUNT

function Assert-Region {
    $offered = Get-AzValue 'region with schedulers' provider show --namespace Microsoft.DurableTask `
        --query "resourceTypes[?resourceType=='schedulers'].locations | [0]"
    $offered = -split $offered.Replace(' ', '').ToLowerInvariant()
    if ($location -notin $offered) {
        Stop-WithMessage "LOCATION=$location does not offer the Durable Task Scheduler: choose one of $($offered -join ', ')."
    }
}

function Add-Storage {
    Write-Output 'Creating the storage account (half a minute)'
{% if cookiecutter.hosting_plan == "premium" %}
    # Elastic Premium keeps its content on a file share, and Azure Files knows no identities there.
{% endif %}
    Invoke-AzChecked storage account create --resource-group $group --name $storage `
        --location $location --sku Standard_LRS --min-tls-version TLS1_2 `
        --allow-blob-public-access false `
        --allow-shared-key-access {{ "true" if cookiecutter.hosting_plan == "premium" else "false" }} --output none
}

function Add-Telemetry {
    Write-Output 'Creating Log Analytics and Application Insights (a minute)'
    Invoke-AzChecked monitor log-analytics workspace create --resource-group $group `
        --workspace-name $Settings.LOG_ANALYTICS_NAME --location $location --output none
    $workspace = Get-AzValue 'workspace' monitor log-analytics workspace show `
        --resource-group $group --workspace-name $Settings.LOG_ANALYTICS_NAME --query id
    Invoke-AzChecked monitor app-insights component create --resource-group $group `
        --app $Settings.APP_INSIGHTS_NAME --location $location --workspace $workspace --output none
    # The app sends its telemetry as its identity: the key in the connection string is of no use.
    Invoke-AzChecked resource update --resource-group $group --name $Settings.APP_INSIGHTS_NAME `
        --resource-type Microsoft.Insights/components --set properties.DisableLocalAuth=true --output none
}

function Add-Scheduler {
    # Creating it again would reset the allow-list.
    if (Test-AzResource durabletask scheduler show --resource-group $group --name $scheduler) {
        Write-Output 'The scheduler exists; its allow-list stays as it is'
    } else {
        $addresses = -split $Settings.IP_ALLOWLIST
{% if cookiecutter.scheduler_sku == "dedicated" %}
        Write-Output 'Creating the dedicated scheduler (up to fifteen minutes)'
{% else %}
        Write-Output 'Creating the scheduler (some minutes)'
{% endif %}
        Invoke-AzChecked durabletask scheduler create --resource-group $group `
            --name $scheduler --location $location `
{% if cookiecutter.scheduler_sku == "dedicated" %}
            --sku-name Dedicated --sku-capacity 1 --ip-allowlist @addresses --output none
{% else %}
            --sku-name Consumption --ip-allowlist @addresses --output none
{% endif %}
    }
    Invoke-AzChecked durabletask taskhub create --resource-group $group `
        --scheduler-name $scheduler --name $Settings.TASK_HUB_NAME --output none
}

function Add-App {
{% if cookiecutter.identity == "user-assigned" %}
    Invoke-AzChecked identity create --resource-group $group --name $Settings.IDENTITY_NAME `
        --location $location --output none
    $identity = Get-AzValue 'identity' identity show --resource-group $group `
        --name $Settings.IDENTITY_NAME --query id
{% endif %}
{% if cookiecutter.hosting_plan == "premium" %}
    Invoke-AzChecked functionapp plan create --resource-group $group --name $Settings.PLAN_NAME `
        --location $location --sku EP1 --is-linux true --max-burst 20 --output none
{% elif cookiecutter.hosting_plan == "app-service" %}
    Invoke-AzChecked functionapp plan create --resource-group $group --name $Settings.PLAN_NAME `
        --location $location --sku P0V3 --is-linux true --output none
{% endif %}
    # Creating it again would drop its settings.
    if (Test-AzResource functionapp show --resource-group $group --name $app) {
        Write-Output 'The function app exists'
        return
    }
    Write-Output 'Creating the function app (two minutes)'
    Invoke-AzChecked functionapp create --resource-group $group --name $app `
{% if cookiecutter.hosting_plan == "flex-consumption" %}
        --flexconsumption-location $location `
{% else %}
        --plan $Settings.PLAN_NAME --os-type Linux --functions-version 4 `
{% endif %}
        --runtime {{ cookiecutter.__worker_runtime }} --runtime-version '{{ cookiecutter.__runtime_version }}' `
        --storage-account $storage --app-insights $Settings.APP_INSIGHTS_NAME --https-only true `
{% if cookiecutter.hosting_plan == "flex-consumption" and cookiecutter.identity == "user-assigned" %}
        --deployment-storage-auth-type UserAssignedIdentity --deployment-storage-auth-value $identity `
{% elif cookiecutter.hosting_plan == "flex-consumption" %}
        --deployment-storage-auth-type SystemAssignedIdentity `
{% endif %}
{% if cookiecutter.identity == "user-assigned" %}
        --assign-identity $identity --output none
{% else %}
        --assign-identity '[system]' --output none
{% endif %}
}

function Initialize-App {
{% if cookiecutter.hosting_plan == "premium" %}
    Invoke-AzChecked functionapp config set --resource-group $group --name $app `
        --min-tls-version '1.2' --ftps-state Disabled --output none
    # Lets the plan scale on the work of the task hub.
    Invoke-AzChecked resource update --resource-group $group --name "$app/config/web" `
        --resource-type Microsoft.Web/sites `
        --set properties.functionsRuntimeScaleMonitoringEnabled=1 --output none
{% elif cookiecutter.hosting_plan == "app-service" %}
    Invoke-AzChecked functionapp config set --resource-group $group --name $app `
        --always-on true --min-tls-version '1.2' --ftps-state Disabled --output none
{% endif %}
    # The password of the publish profile: {{ "the deploy workflow needs it" if cookiecutter.deploy_auth == "publish-profile" else "nobody needs it" }}.
    Invoke-AzChecked resource update --resource-group $group --namespace Microsoft.Web `
        --parent "sites/$app" --resource-type basicPublishingCredentialsPolicies --name scm `
        --set properties.allow={{ "true" if cookiecutter.deploy_auth == "publish-profile" else "false" }} --output none
    Invoke-AzChecked resource update --resource-group $group --namespace Microsoft.Web `
        --parent "sites/$app" --resource-type basicPublishingCredentialsPolicies --name ftp `
        --set properties.allow=false --output none
}

$subscription = Get-AzValue 'subscription' account show --query name
Write-Output "Subscription $subscription ($($Settings.SUBSCRIPTION_ID)); 'az account set --subscription <name>' chooses another"
Write-Output "Resource group $group in ${location}: scheduler $scheduler, app $app, storage $storage"
Write-Output 'Preparing the Azure CLI and the subscription (a minute)'
Invoke-AzChecked extension add --name durabletask --upgrade
Invoke-AzChecked extension add --name application-insights --upgrade
Invoke-AzChecked provider register --namespace Microsoft.DurableTask --wait
Assert-Region
Invoke-AzChecked group create --name $group --location $location --output none
Add-Storage
Add-Telemetry
Add-Scheduler
Add-App
Initialize-App
& (Join-Path $PSScriptRoot 'configure-identity.ps1')
if ($LASTEXITCODE -ne 0) { exit 1 }

$dashboard = Get-AzValue 'task hub' durabletask taskhub show --resource-group $group `
    --scheduler-name $scheduler --name $Settings.TASK_HUB_NAME --query properties.dashboardUrl
Write-Output "App:       https://$app.azurewebsites.net"
Write-Output "Dashboard: $dashboard"
Write-Output 'Next:      pwsh scripts/deploy.ps1'
