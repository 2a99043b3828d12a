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

if (-not (Test-Program 'azd')) {
    Stop-WithMessage 'azd is missing: install it, see https://learn.microsoft.com/azure/developer/azure-developer-cli/install-azd'
}
$repository = $env:GITHUB_REPOSITORY
if ($repository -cnotmatch '^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$') {
    Stop-WithMessage 'GITHUB_REPOSITORY must be <owner>/<repository>: set it, then run this again.'
}

Write-Output 'Creating the identity that deploys (some minutes)'
azd env set GITHUB_REPOSITORY $repository
if ($LASTEXITCODE -ne 0) { Stop-WithMessage "azd has no environment: run 'azd up', then run this again." }
azd provision --no-prompt
if ($LASTEXITCODE -ne 0) { Stop-WithMessage 'azd could not provision: correct what it says above, then run this again.' }
$variables = [ordered] @{
    AZURE_CLIENT_ID = Get-AzdValue 'DEPLOY_CLIENT_ID'
    AZURE_TENANT_ID = Get-AzdValue 'AZURE_TENANT_ID'
    AZURE_SUBSCRIPTION_ID = Get-AzdValue 'AZURE_SUBSCRIPTION_ID'
    AZURE_FUNCTIONAPP_NAME = Get-AzdValue 'AZURE_FUNCTIONAPP_NAME'
}

$useGh = $false
if (Test-Program 'gh') {
    gh auth status *> $null
    $useGh = $LASTEXITCODE -eq 0
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
Write-Output 'A new identity needs some minutes: if the first run of the workflow says AADSTS70021, run it again.'
