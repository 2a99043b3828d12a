# Lets the deploy workflow of a GitHub repository sign in to Azure without a secret.
#
# Usage: $env:GITHUB_REPOSITORY = '<owner>/<repository>'; pwsh scripts/configure-github.ps1
#
# Provisions once more, with an identity that may deploy the app and nothing else and trusts the
# environment "production" of the repository, and sets the variables of the workflow: with gh when it
# is installed and signed in, else it prints them.

#Requires -Version 7.4
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

Set-Location (Join-Path $PSScriptRoot '..')

function Stop-WithMessage([string] $Message) {
    [Console]::Error.WriteLine($Message)
    exit 1
}

function Test-Program([string] $Name) {
    return [bool] (Get-Command $Name -CommandType Application -ErrorAction SilentlyContinue)
}

function Get-AzdValue([string] $Name) {
    $value = azd env get-value $Name
    if ($LASTEXITCODE -ne 0) { Stop-WithMessage "azd knows no ${Name}: run 'azd up', then run this again." }
    return $value
}

# The subject of a token starts with the names of owner and repository; for repositories that were
# created, renamed or transferred since July 15, 2026, with their ids as well. GitHub knows which.
function Get-SubjectPrefix {
    $prefix = $env:GITHUB_SUBJECT_PREFIX
    if (-not $prefix -and $useGh) {
        $prefix = gh api "repos/$repository/actions/oidc/customization/sub" --jq '.sub_claim_prefix // ""'
        if ($LASTEXITCODE -ne 0) {
            Stop-WithMessage "gh could not read ${repository}: create it on GitHub or check your rights, then run this again."
        }
    }
    if ($prefix) { return $prefix }
    return "repo:$repository"
}

if (-not (Test-Program 'azd')) {
    Stop-WithMessage 'azd is missing: install it, see https://learn.microsoft.com/azure/developer/azure-developer-cli/install-azd'
}
$repository = $env:GITHUB_REPOSITORY
if ($repository -cnotmatch '^[A-Za-z0-9_-]+/[A-Za-z0-9._-]+$') {
    Stop-WithMessage 'GITHUB_REPOSITORY must be <owner>/<repository>: set it, then run this again.'
}

$useGh = $false
if (Test-Program 'gh') {
    gh auth status *> $null
    $useGh = $LASTEXITCODE -eq 0
}
$prefix = Get-SubjectPrefix
Write-Output 'Creating the identity that deploys (some minutes)'
azd env set DEPLOY_REPOSITORY $repository && azd env set DEPLOY_SUBJECT_PREFIX $prefix
if ($LASTEXITCODE -ne 0) { Stop-WithMessage "azd has no environment: run 'azd up', then run this again." }
azd provision --no-prompt
if ($LASTEXITCODE -ne 0) { Stop-WithMessage 'azd could not provision: correct what it says above, then run this again.' }
$variables = [ordered] @{
    AZURE_CLIENT_ID = Get-AzdValue 'DEPLOY_CLIENT_ID'
    AZURE_TENANT_ID = Get-AzdValue 'AZURE_TENANT_ID'
    AZURE_SUBSCRIPTION_ID = Get-AzdValue 'AZURE_SUBSCRIPTION_ID'
    AZURE_FUNCTIONAPP_NAME = Get-AzdValue 'AZURE_FUNCTIONAPP_NAME'
}

if ($useGh) {
    Write-Output "Variables of $repository, set with gh:"
} else {
    Write-Output "Set these variables of $repository (Settings, Secrets and variables, Actions, Variables):"
}
foreach ($variable in $variables.GetEnumerator()) {
    if ($useGh) {
        gh variable set $variable.Key --repo $repository --body $variable.Value
        if ($LASTEXITCODE -ne 0) {
            Stop-WithMessage "gh could not set the variable $($variable.Key): check its rights on $repository, then run this again."
        }
    }
    Write-Output "  $($variable.Key)=$($variable.Value)"
}
Write-Output "A new identity needs some minutes. If the workflow still cannot sign in (AADSTS700213), the message names the subject of its token: set GITHUB_SUBJECT_PREFIX to what stands before ':environment', then run this again."
