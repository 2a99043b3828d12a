# Creates the Azure resources of this project and lets the app reach them without keys.
#
# Usage: pwsh scripts/provision.ps1
#
{% if cookiecutter.scheduler_sku == "dedicated" %}
# Takes about ten minutes, and up to fifteen more for the dedicated scheduler.
{% else %}
# Takes about ten minutes.
{% endif %}
# Every step can be repeated: after an error, correct its cause and run this again. What exists is
# kept, but for what protects it, which is restored: docs/provisioning.md has the list.
# The names are defined in scripts/settings.env; environment variables of the same names take precedence.

#Requires -Version 7.4
param([switch] $Help, [Parameter(ValueFromRemainingArguments)] [string[]] $Others)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
. (Join-Path $PSScriptRoot 'common.ps1')
Read-Argument $PSCommandPath $Help $Others
$Settings = Resolve-Setting{% if cookiecutter.identity == "user-assigned" %} 'IDENTITY_NAME'{% endif %}{% if cookiecutter.hosting_plan != "flex-consumption" %} 'PLAN_NAME'{% endif %}

$group = $Settings.RESOURCE_GROUP
$location = $Settings.LOCATION
$scheduler = $Settings.SCHEDULER_NAME
$app = $Settings.APP_NAME
$storage = $Settings.STORAGE_ACCOUNT

# A newer version stays: 'extension add --upgrade' can replace a preview by an older release.
function Assert-Extension([string] $Name, [string] $Floor) {
    $version = Invoke-AzChecked extension list --query "[?name=='$Name'].version | [0]" --output tsv
    if ((Get-Order $version) -lt (Get-Order $Floor)) {
        Invoke-AzChecked extension add --name $Name --upgrade --allow-preview true
    }
}

# Returns what versions can be compared by: 1.0.0b7 is older than 1.0.0.
function Get-Order([string] $Version) {
    if ($Version -notmatch '^(\d+)\.(\d+)\.(\d+)(b(\d+))?$') { return [version] '0.0.0.0' }
    $preview = if ($Matches[5]) { $Matches[5] } else { 999 }
    return [version] "$($Matches[1]).$($Matches[2]).$($Matches[3]).$preview"
}

# Registering needs a right on the subscription, even when the provider is already registered.
function Register-Provider {
    foreach ($provider in 'Microsoft.DurableTask', 'Microsoft.Insights', 'Microsoft.ManagedIdentity',
        'Microsoft.OperationalInsights', 'Microsoft.Storage', 'Microsoft.Web') {
        $state = Get-AzValue "provider $provider" provider show --namespace $provider --query registrationState
        if ($state -ne 'Registered') { Invoke-AzChecked provider register --namespace $provider --wait }
    }
}

function Assert-Region {
    $offered = Get-AzValue 'region with schedulers' provider show --namespace Microsoft.DurableTask `
        --query "resourceTypes[?resourceType=='schedulers'].locations | [0]"
    $offered = -split $offered.Replace(' ', '').ToLowerInvariant()
    if ($location -notin $offered) {
        Stop-WithMessage "LOCATION=$location does not offer the Durable Task Scheduler: choose one of $($offered -join ', ')."
    }
}

# Whether a resource exists. It must be in LOCATION then: the app is near what it uses.
function Test-Here {
    $what, $command = $args
    $result = Invoke-AzBounded @command --query location --output tsv
    if ($result.Code -eq 3) { return $false }
    if ($result.Code -ne 0) { Exit-WithRemedy $result.Code $result.Message }
    $found = $result.Output.Replace(' ', '').ToLowerInvariant()
    if ($found -ne $location) {
        Stop-WithMessage "LOCATION=$location does not fit: the $what exists in $found. Set LOCATION or the name in scripts/settings.env, then run this again."
    }
    return $true
}

function Add-Group {
    if (-not (Test-AzResource group show --name $group)) {
        Invoke-AzChecked group create --name $group --location $location --output none
    }
}

function Add-Storage {
    $account = '--resource-group', $group, '--name', $storage
{% if cookiecutter.hosting_plan == "premium" %}
    # Elastic Premium keeps its content on a file share, and Azure Files does not support identities there.
{% endif %}
    $access = '--https-only', 'true', '--allow-blob-public-access', 'false',
        '--allow-shared-key-access', '{{ "true" if cookiecutter.hosting_plan == "premium" else "false" }}'
    if (Test-Here 'storage account' storage account show @account) {
        Write-Output 'The storage account exists'
        $tls = Get-AzValue 'storage account' storage account show @account --query minimumTlsVersion
        if ($tls -ne 'TLS1_3') { $tls = 'TLS1_2' }
        Invoke-AzChecked storage account update @account @access --min-tls-version $tls --output none
        return
    }
    Write-Output 'Creating the storage account (half a minute)'
    Invoke-AzChecked storage account create @account @access --location $location `
        --sku Standard_LRS --min-tls-version TLS1_2 --output none
}

function Add-Telemetry {
    $logs = '--resource-group', $group, '--workspace-name', $Settings.LOG_ANALYTICS_NAME
    $insights = '--resource-group', $group, '--app', $Settings.APP_INSIGHTS_NAME
    if (-not (Test-Here 'Log Analytics workspace' monitor log-analytics workspace show @logs)) {
        Write-Output 'Creating Log Analytics (a minute)'
        Invoke-AzChecked monitor log-analytics workspace create @logs --location $location --output none
    }
    if (-not (Test-Here 'Application Insights' monitor app-insights component show @insights)) {
        Write-Output 'Creating Application Insights (half a minute)'
        $workspace = Get-AzValue 'workspace' monitor log-analytics workspace show @logs --query id
        Invoke-AzChecked monitor app-insights component create @insights `
            --location $location --workspace $workspace --output none
    }
    # The app sends its telemetry as its identity: the key in the connection string is of no use.
    Invoke-AzChecked resource update --resource-group $group --name $Settings.APP_INSIGHTS_NAME `
        --resource-type Microsoft.Insights/components --set properties.DisableLocalAuth=true --output none
}

function Add-Scheduler {
    $which = '--resource-group', $group, '--name', $scheduler
    $addresses = -split $Settings.IP_ALLOWLIST
    if (Test-Here 'scheduler' durabletask scheduler show @which) {
        $state = Get-AzValue 'scheduler' durabletask scheduler show @which --query properties.provisioningState
        if ($state -in 'Failed', 'Canceled') {
            Write-Output "The scheduler is in the state ${state}: creating it again"
            $allowed = -split (Invoke-AzChecked durabletask scheduler show @which --query 'properties.ipAllowlist[]' --output tsv)
            # Not 'scheduler create', which would drop its tags. An empty list would refuse everybody.
            if (-not $allowed) { $allowed = $addresses }
            Invoke-AzChecked durabletask scheduler update @which --ip-allowlist @allowed --output none
        } else {
            Write-Output 'The scheduler exists; its IP allowlist remains as it is'
        }
    } else {
{% if cookiecutter.scheduler_sku == "dedicated" %}
        Write-Output 'Creating the dedicated scheduler (up to fifteen minutes)'
{% else %}
        Write-Output 'Creating the scheduler (some minutes)'
{% endif %}
        Invoke-AzChecked durabletask scheduler create @which --location $location `
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
    $own = '--resource-group', $group, '--name', $Settings.IDENTITY_NAME
    if (-not (Test-Here 'identity' identity show @own)) {
        Invoke-AzChecked identity create @own --location $location --output none
    }
    $identity = Get-AzValue 'identity' identity show @own --query id
{% endif %}
{% if cookiecutter.hosting_plan != "flex-consumption" %}
    $plan = '--resource-group', $group, '--name', $Settings.PLAN_NAME
    if (-not (Test-Here 'plan' functionapp plan show @plan)) {
        Invoke-AzChecked functionapp plan create @plan --location $location `
{% if cookiecutter.hosting_plan == "premium" %}
            --sku EP1 --is-linux true --max-burst 20 --output none
{% else %}
            --sku P0V3 --is-linux true --output none
{% endif %}
    }
{% endif %}
    # Creating it again would drop its settings.
    if (Test-Here 'function app' functionapp show --resource-group $group --name $app) {
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
        --runtime {{ cookiecutter.__worker_runtime }} --runtime-version '{{ cookiecutter.__cli_runtime_version }}' `
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
    $which = '--resource-group', $group, '--name', $app
    $https = Get-AzValue 'function app' functionapp show @which --query "httpsOnly || properties.httpsOnly || 'false'"
    if ($https -ne 'true') { Invoke-AzChecked functionapp update @which --set httpsOnly=true --output none }
    $tls = Get-AzValue 'configuration of the app' functionapp config show @which --query minTlsVersion
{% if cookiecutter.hosting_plan == "flex-consumption" %}
    # 'functionapp config set' would send all of the configuration, with what this plan refuses.
    if ($tls -notin '1.2', '1.3') {
        $id = Get-AzValue 'function app' functionapp show @which --query id
        Invoke-AzChecked rest --method patch --url "$id/config/web?api-version=2024-11-01" `
            --body '{"properties": {"minTlsVersion": "1.2"}}' --output none
    }
{% else %}
    if ($tls -ne '1.3') { $tls = '1.2' }
    Invoke-AzChecked functionapp config set @which --min-tls-version $tls --ftps-state Disabled `
{% if cookiecutter.hosting_plan == "app-service" %}
        --always-on true `
{% endif %}
        --output none
{% endif %}
{% if cookiecutter.hosting_plan == "premium" %}
    # Lets the plan scale on the work of the task hub.
    Invoke-AzChecked resource update --resource-group $group --name "$app/config/web" `
        --resource-type Microsoft.Web/sites `
        --set properties.functionsRuntimeScaleMonitoringEnabled=1 --output none
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
Assert-Extension durabletask 1.0.0b7
Assert-Extension application-insights 1.0.0
Register-Provider
Assert-Region
Add-Group
Add-Storage
Add-Telemetry
Add-Scheduler
Add-App
Initialize-App
& (Join-Path $PSScriptRoot 'configure-identity.ps1')
if ($LASTEXITCODE -ne 0) { exit 1 }

$dashboard = Get-AzValue 'task hub' durabletask taskhub show --resource-group $group `
    --scheduler-name $scheduler --name $Settings.TASK_HUB_NAME --query properties.dashboardUrl
$hostName = Get-AzValue 'host name of the app' functionapp show --resource-group $group --name $app `
    --query 'defaultHostName || properties.defaultHostName'
Write-Output "App:       https://$hostName"
Write-Output "Dashboard: $dashboard"
Write-Output 'Next:      pwsh scripts/deploy.ps1'
exit 0
