# Packages and publishes the app, then sends it an order that must reach Completed.
#
# Usage: pwsh scripts/deploy.ps1

#Requires -Version 7.4
param([switch] $Help, [Parameter(ValueFromRemainingArguments)] [string[]] $Others)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
. (Join-Path $PSScriptRoot 'common.ps1')
Read-Argument $PSCommandPath $Help $Others
$Settings = Resolve-Setting
$group = $Settings.RESOURCE_GROUP
$app = $Settings.APP_NAME

function Publish-Package {
    $package = Join-Path $PSScriptRoot '../package'
    $zip = Join-Path ([IO.Path]::GetTempPath()) ([IO.Path]::GetRandomFileName())
    try {
        [IO.Compression.ZipFile]::CreateFromDirectory($package, $zip)
        Invoke-AzChecked functionapp deployment source config-zip --resource-group $group `
            --name $app --src $zip --output none
    } finally {
        Remove-Item $zip
    }
}

# Returns the key. The host answers for its keys as soon as it runs.
function Get-FunctionKey {
    for ($attempt = 1; $attempt -le $RetryAttempts; $attempt++) {
        $result = Invoke-AzBounded functionapp keys list --resource-group $group --name $app `
            --query functionKeys.default --output tsv
        if ($result.Code -eq 0 -and $result.Output) { return $result.Output }
        if ($result.Code -ne 0 -and -not $result.Message.Contains('host runtime')) {
            Exit-WithRemedy $result.Code $result.Message
        }
        Start-Sleep -Seconds $RetryPause
    }
    Stop-WithMessage "The app does not start: see its log stream in the portal, and $env:DASHBOARD_URL"
}

function Invoke-Script([string] $Name) {
    & (Join-Path $PSScriptRoot $Name)
    if ($LASTEXITCODE -ne 0) { exit 1 }
}

Invoke-AzChecked functionapp show --resource-group $group --name $app --output none
$env:DASHBOARD_URL = Get-AzValue 'task hub' durabletask taskhub show --resource-group $group `
    --scheduler-name $Settings.SCHEDULER_NAME --name $Settings.TASK_HUB_NAME --query properties.dashboardUrl
Write-Output 'Packaging the app (a minute)'
Invoke-Script 'package.ps1'
Write-Output 'Publishing the app (some minutes)'
Publish-Package
Write-Output 'Sending a smoke order (seconds; up to ten minutes after the first deployment, roles need time)'
Set-PSDebug -Off # tracing would show the key
if (-not $env:APP_URL) { $env:APP_URL = "https://$app.azurewebsites.net" }
try {
    $env:FUNCTION_KEY = Get-FunctionKey
    Invoke-Script 'smoke-test.ps1'
} finally {
    $env:FUNCTION_KEY = $null
}
