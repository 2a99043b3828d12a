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
if ($repository -cnotmatch '^[A-Za-z0-9_-]+/[A-Za-z0-9._-]+$') {
    Exit-WithMessage 'GITHUB_REPOSITORY must be <owner>/<repository>: set it, then run this again.'
}
$identity = if ($env:DEPLOY_IDENTITY_NAME) { $env:DEPLOY_IDENTITY_NAME } else { "id-$($Settings.PROJECT)-deploy" }

# The subject of a token starts with the names of owner and repository; for repositories that were
# created, renamed or transferred since July 15, 2026, with their ids as well. GitHub knows which.
function Get-SubjectPrefix {
    $prefix = $env:GITHUB_SUBJECT_PREFIX
    if (-not $prefix -and $useGh) {
        $prefix = gh api "repos/$repository/actions/oidc/customization/sub" --jq '.sub_claim_prefix // ""'
        if ($LASTEXITCODE -ne 0) {
            Exit-WithMessage "gh could not read ${repository}: create it on GitHub or check your rights, then run this again."
        }
    }
    if ($prefix) { return $prefix }
    return "repo:$repository"
}

function Publish-Variable([string] $Name, [string] $Value) {
    if ($useGh) {
        gh variable set "$Name" --repo "$repository" --body "$Value"
        if ($LASTEXITCODE -ne 0) {
            Exit-WithMessage "gh could not set the variable ${Name}: check its rights on $repository, then run this again."
        }
    }
    Write-Output "  $Name=$Value"
}

$useGh = $false
if (Get-Command gh -CommandType Application -ErrorAction SilentlyContinue) {
    gh auth status *> $null
    $useGh = $LASTEXITCODE -eq 0
}
$prefix = Get-SubjectPrefix
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

if ($useGh) {
    Write-Output "Variables of ${repository}, set with gh:"
} else {
    Write-Output "Set these variables of $repository (Settings, Secrets and variables, Actions, Variables):"
}
Publish-Variable AZURE_CLIENT_ID $client
Publish-Variable AZURE_TENANT_ID $tenant
Publish-Variable AZURE_SUBSCRIPTION_ID $Settings.SUBSCRIPTION_ID
Publish-Variable AZURE_FUNCTIONAPP_NAME $Settings.APP_NAME
Write-Output "A new identity needs some minutes. If the workflow still cannot sign in (AADSTS700213), the message names the subject of its token: set GITHUB_SUBJECT_PREFIX to what stands before ':environment', then run this again."
