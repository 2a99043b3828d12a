# Lets the deploy workflow of a GitHub repository sign in to Azure without a secret.
#
# Usage: $env:GITHUB_REPOSITORY = '<owner>/<repository>'; pwsh scripts/configure-github.ps1
#
# Provisions once more, with an identity that may deploy the app and nothing else and trusts the
# environment "production" of the repository, and sets the variables of the workflow: with gh when it
# is installed and signed in, otherwise it prints them.

#Requires -Version 7.4
param([switch] $Help, [Parameter(ValueFromRemainingArguments)] [string[]] $Others)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $false # whatever the session has
. (Join-Path $PSScriptRoot 'github.ps1')
Read-Argument $PSCommandPath $Help $Others

function Get-AzdValue([string] $Name) {
    $value = azd env get-value $Name
    if ($LASTEXITCODE -ne 0) { Stop-WithMessage "azd has no value for ${Name}: run 'azd up', then run this again." }
    return $value
}

Assert-Tool azd https://learn.microsoft.com/azure/developer/azure-developer-cli/install-azd
$repository, $useGh = Find-Repository

$prefix = Get-SubjectPrefix $repository $useGh
Write-Output 'Creating the identity that deploys (some minutes)'
Push-Location (Join-Path $PSScriptRoot '..')
try {
    azd env set DEPLOY_REPOSITORY $repository && azd env set DEPLOY_SUBJECT_PREFIX $prefix
    if ($LASTEXITCODE -ne 0) { Stop-WithMessage "azd has no environment: run 'azd up', then run this again." }
    azd provision --no-prompt
    if ($LASTEXITCODE -ne 0) { Stop-WithMessage 'azd could not provision: correct the error above, then run this again.' }
    $variables = [ordered] @{
        AZURE_CLIENT_ID = Get-AzdValue 'DEPLOY_CLIENT_ID'
        AZURE_TENANT_ID = Get-AzdValue 'AZURE_TENANT_ID'
        AZURE_SUBSCRIPTION_ID = Get-AzdValue 'AZURE_SUBSCRIPTION_ID'
        AZURE_FUNCTIONAPP_NAME = Get-AzdValue 'AZURE_FUNCTIONAPP_NAME'
    }
} finally {
    Pop-Location
}
Publish-Variable $repository $useGh $variables
exit 0
