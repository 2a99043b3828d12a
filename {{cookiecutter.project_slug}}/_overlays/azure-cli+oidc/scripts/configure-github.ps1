# Lets the deploy workflow of a GitHub repository sign in to Azure without a secret.
#
# Usage: $env:GITHUB_REPOSITORY = '<owner>/<repository>'; pwsh scripts/configure-github.ps1
#
# Creates an identity that may deploy the app and nothing else, trusts the environment "production" of
# the repository, and sets the variables of the workflow: with gh when it is installed and signed in,
# else it prints them.

#Requires -Version 7.4
param([switch] $Help, [Parameter(ValueFromRemainingArguments)] [string[]] $Others)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
. (Join-Path $PSScriptRoot 'common.ps1')
. (Join-Path $PSScriptRoot 'github.ps1')
Read-Argument $PSCommandPath $Help $Others
$Settings = Resolve-Setting
$group = $Settings.RESOURCE_GROUP
$repository, $useGh = Find-Repository
$identity = if ($env:DEPLOY_IDENTITY_NAME) { $env:DEPLOY_IDENTITY_NAME } else { "id-$($Settings.PROJECT)-deploy" }

$prefix = Get-SubjectPrefix $repository $useGh
Write-Output 'Creating the identity that deploys'
Invoke-AzChecked identity create --resource-group $group --name $identity `
    --location $Settings.LOCATION --output none
$client = Get-AzValue 'client id' identity show --resource-group $group --name $identity --query clientId
$principal = Get-AzValue 'principal' identity show --resource-group $group --name $identity --query principalId
$app = Get-AzValue 'function app' functionapp show --resource-group $group --name $Settings.APP_NAME --query id
$tenant = Get-AzValue 'tenant' account show --query tenantId
Invoke-AzChecked identity federated-credential create --resource-group $group `
    --identity-name $identity --name github-production `
    --issuer https://token.actions.githubusercontent.com `
    --subject "${prefix}:environment:production" `
    --audiences api://AzureADTokenExchange --output none
Grant-Role $principal ServicePrincipal 'Website Contributor' $app

Publish-Variable $repository $useGh ([ordered] @{
    AZURE_CLIENT_ID = $client
    AZURE_TENANT_ID = $tenant
    AZURE_SUBSCRIPTION_ID = $Settings.SUBSCRIPTION_ID
    AZURE_FUNCTIONAPP_NAME = $Settings.APP_NAME
})
exit 0
