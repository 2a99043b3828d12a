# Gives the app's identity its roles, writes the settings of the app, and removes the storage key.
#
# Usage: pwsh scripts/configure-identity.ps1
#
# Part of scripts/provision.ps1. Run it alone to restore roles or settings that were changed.

#Requires -Version 7.4
param([switch] $Help, [Parameter(ValueFromRemainingArguments)] [string[]] $Others)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
. (Join-Path $PSScriptRoot 'common.ps1')
Read-Argument $PSCommandPath $Help $Others
$Settings = Resolve-Setting{% if cookiecutter.identity == "user-assigned" %} 'IDENTITY_NAME'{% endif %}

$group = $Settings.RESOURCE_GROUP
$app = $Settings.APP_NAME

$storage = Get-AzValue 'storage account' storage account show --resource-group $group `
    --name $Settings.STORAGE_ACCOUNT --query id
$insights = Get-AzValue 'Application Insights' monitor app-insights component show `
    --resource-group $group --app $Settings.APP_INSIGHTS_NAME --query id
$telemetry = Get-AzValue 'connection string of Application Insights' monitor app-insights component show `
    --resource-group $group --app $Settings.APP_INSIGHTS_NAME --query connectionString
$hub = Get-AzValue 'task hub' durabletask taskhub show --resource-group $group `
    --scheduler-name $Settings.SCHEDULER_NAME --name $Settings.TASK_HUB_NAME --query id
$endpoint = Get-AzValue 'endpoint of the scheduler' durabletask scheduler show `
    --resource-group $group --name $Settings.SCHEDULER_NAME --query properties.endpoint
{% if cookiecutter.identity == "user-assigned" %}
$identity = Get-AzValue 'identity' identity show --resource-group $group --name $Settings.IDENTITY_NAME --query id
$principal = Get-AzValue 'principal of the identity' identity show --resource-group $group `
    --name $Settings.IDENTITY_NAME --query principalId
$client = Get-AzValue 'client id of the identity' identity show --resource-group $group `
    --name $Settings.IDENTITY_NAME --query clientId
{% endif %}

# An app that exists can lack its identity: 'functionapp create' takes it away again when it could
# not give it a role.
{% if cookiecutter.identity == "user-assigned" %}
$assigned = Invoke-AzChecked functionapp identity show --resource-group $group --name $app `
    --query 'userAssignedIdentities.*.principalId' --output tsv
if (-not "$assigned".Contains($principal)) {
    Invoke-AzChecked functionapp identity assign --resource-group $group --name $app `
        --identities $identity --output none
}
{% else %}
$assigned = Invoke-AzChecked functionapp identity show --resource-group $group --name $app `
    --query principalId --output tsv
if (-not $assigned) {
    Invoke-AzChecked functionapp identity assign --resource-group $group --name $app --output none
}
$principal = Get-AzValue 'identity of the app' functionapp identity show --resource-group $group `
    --name $app --query principalId
{% endif %}

Write-Output 'Granting the app its roles (a minute; longer when the identity is new)'
Grant-Role $principal ServicePrincipal 'Storage Blob Data Owner' $storage
Grant-Role $principal ServicePrincipal 'Durable Task Data Contributor' $hub
Grant-Role $principal ServicePrincipal 'Monitoring Metrics Publisher' $insights

# For the dashboard; a service principal that runs this in a pipeline has no signed-in user.
# A guest may not be able to read the directory.
$developer = Invoke-AzBounded ad signed-in-user show --query id --output tsv
if ($developer.Code -eq 0 -and $developer.Output) {
    Grant-Role $developer.Output User 'Durable Task Data Contributor' $hub
} else {
    [Console]::Error.WriteLine('The signed-in user cannot be read, so nobody was given access to the dashboard: assign the role Durable Task Data Contributor on the task hub to the people who need it.')
}

Write-Output 'Writing the settings of the app'
Invoke-AzChecked functionapp config appsettings set --resource-group $group --name $app `
    --output none --settings `
    "TASKHUB_NAME=$(($hub -split '/')[-1])" `
    "AzureWebJobsStorage__accountName=$($Settings.STORAGE_ACCOUNT)" `
    "APPLICATIONINSIGHTS_CONNECTION_STRING=$telemetry" `
{% if cookiecutter.hosting_plan != "flex-consumption" %}
    'WEBSITE_RUN_FROM_PACKAGE=1' `
{% endif %}
{% if cookiecutter.identity == "user-assigned" %}
    'AzureWebJobsStorage__credential=managedidentity' `
    "AzureWebJobsStorage__clientId=$client" `
    "APPLICATIONINSIGHTS_AUTHENTICATION_STRING=ClientId=$client;Authorization=AAD" `
    "DURABLE_TASK_SCHEDULER_CONNECTION_STRING=Endpoint=$endpoint;Authentication=ManagedIdentity;ClientID=$client"
{% else %}
    'APPLICATIONINSIGHTS_AUTHENTICATION_STRING=Authorization=AAD' `
    "DURABLE_TASK_SCHEDULER_CONNECTION_STRING=Endpoint=$endpoint;Authentication=ManagedIdentity"
{% endif %}
# The Azure CLI has created the app with a key of the storage account.
Invoke-AzChecked functionapp config appsettings delete --resource-group $group --name $app `
    --setting-names AzureWebJobsStorage AzureWebJobsDashboard --output none
# The app has started without its roles.
Invoke-AzChecked functionapp restart --resource-group $group --name $app --output none
exit 0
