# Lets the deploy workflow of a GitHub repository sign in to Azure without a secret.
#
# Usage: $env:GITHUB_REPOSITORY = '<owner>/<repository>'; pwsh scripts/configure-github.ps1
#
# Makes an identity that may deploy the app and nothing else, trusts the environment "production" of
# the repository, and sets the variables of the workflow: with gh when it is installed and signed in,
# else it prints them.

#Requires -Version 7.4
param([switch] $Help, [Parameter(ValueFromRemainingArguments)] [string[]] $Others)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
. (Join-Path $PSScriptRoot 'common.ps1')
Read-Argument $PSCommandPath $Help $Others
$Settings = Resolve-Setting
$group = $Settings.RESOURCE_GROUP

$repository = "$env:GITHUB_REPOSITORY"
if ($repository -cnotmatch '^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$') {
    Exit-WithMessage 'GITHUB_REPOSITORY must be <owner>/<repository>: set it, then run this again.'
}
$identity = if ($env:DEPLOY_IDENTITY_NAME) { $env:DEPLOY_IDENTITY_NAME } else { "id-$($Settings.PROJECT)-deploy" }

function Publish-Variable([string] $Name, [string] $Value) {
    if ($useGh) {
        gh variable set "$Name" --repo "$repository" --body "$Value"
        if ($LASTEXITCODE -ne 0) {
            Exit-WithMessage "gh could not set the variable ${Name}: check its rights on $repository, then run this again."
        }
    }
    Write-Output "  $Name=$Value"
}

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
    --subject "repo:${repository}:environment:production" `
    --audiences api://AzureADTokenExchange --output none
Grant-Role $principal ServicePrincipal 'Website Contributor' $app

$useGh = $false
if (Get-Command gh -CommandType Application -ErrorAction SilentlyContinue) {
    gh auth status *> $null
    $useGh = $LASTEXITCODE -eq 0
}
if ($useGh) {
    Write-Output "Variables of ${repository}, set with gh:"
} else {
    Write-Output "Set these variables of $repository (Settings, Secrets and variables, Actions, Variables):"
}
Publish-Variable AZURE_CLIENT_ID $client
Publish-Variable AZURE_TENANT_ID $tenant
Publish-Variable AZURE_SUBSCRIPTION_ID $Settings.SUBSCRIPTION_ID
Publish-Variable AZURE_FUNCTIONAPP_NAME $Settings.APP_NAME
Write-Output 'A new identity needs some minutes: if the first run of the workflow says AADSTS70021, run it again.'
