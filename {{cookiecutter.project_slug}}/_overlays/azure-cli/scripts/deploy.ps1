# Packages and publishes the app, then sends it an order that must reach Completed.
#
# Usage: pwsh scripts/deploy.ps1
#
# With -Drain, it publishes when no instance of the app runs. DRAIN_MINUTES is how long it waits: 10,
# unless you set it.

#Requires -Version 7.4
param([switch] $Drain, [switch] $Help, [Parameter(ValueFromRemainingArguments)] [string[]] $Others)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
. (Join-Path $PSScriptRoot 'common.ps1')
Read-Argument $PSCommandPath $Help $Others
$Settings = Resolve-Setting
$group = $Settings.RESOURCE_GROUP
$app = $Settings.APP_NAME

# The package is complete: nothing is built on the server. On Flex Consumption the Azure CLI looks at
# the app afterwards, and fails when the app takes longer to start: then the smoke order decides.
function Publish-Package {
    $package = Join-Path $PSScriptRoot '../package'
    $zip = Join-Path ([IO.Path]::GetTempPath()) ([IO.Path]::GetRandomFileName())
    try {
        [IO.Compression.ZipFile]::CreateFromDirectory($package, $zip)
        $result = Invoke-AzBounded functionapp deployment source config-zip --resource-group $group `
            --name $app --src $zip --build-remote false --output none
    } finally {
        Remove-Item $zip
    }
    if ($result.Code -eq 0) { return }
    if ($result.Message -cnotmatch 'appears to be unhealthy|Failed to fetch host ') {
        Exit-WithRemedy $result.Code $result.Message
    }
    Write-Output 'The app is published, but has not started yet'
}

# Returns the key of a query. The host returns its keys as soon as it runs; until then the response is
# 400 (Bad Request).
function Get-AppKey([string] $Query) {
    Set-PSDebug -Off # tracing would show the key
    for ($attempt = 1; $attempt -le $RetryAttempts; $attempt++) {
        $result = Invoke-AzBounded functionapp keys list --resource-group $group --name $app `
            --query $Query --output tsv
        if ($result.Code -eq 0 -and $result.Output) { return $result.Output }
        if ($result.Code -ne 0 -and $result.Message -cnotmatch 'Bad ?Request') {
            Exit-WithRemedy $result.Code $result.Message
        }
        Start-Sleep -Seconds $RetryPause
    }
    Stop-WithMessage "The app does not start: see its log stream in the portal, and $dashboard"
}

# Waits until no instance runs.
function Wait-Instance {
    Write-Output 'Waiting until no instance runs'
    $key = Get-AppKey "systemKeys.durabletask_extension || 'none'"
    & (Join-Path $PSScriptRoot 'drain.ps1') -Url "https://$hostName" -Key $key
    if ($LASTEXITCODE -ne 0) { exit 1 }
}

$hostName = Get-AzValue 'host name of the app' functionapp show --resource-group $group --name $app `
    --query 'defaultHostName || properties.defaultHostName'
$dashboard = Get-AzValue 'task hub' durabletask taskhub show --resource-group $group `
    --scheduler-name $Settings.SCHEDULER_NAME --name $Settings.TASK_HUB_NAME --query properties.dashboardUrl
Write-Output 'Packaging the app (a minute)'
& (Join-Path $PSScriptRoot 'package.ps1')
if ($LASTEXITCODE -ne 0) { exit 1 }
if ($Drain) { Wait-Instance }
Write-Output 'Publishing the app (some minutes)'
Publish-Package
Write-Output 'Sending a smoke order (seconds; up to ten minutes after the first deployment, roles need time)'
$key = Get-AppKey 'functionKeys.default'
& (Join-Path $PSScriptRoot 'smoke-test.ps1') -Url "https://$hostName" -Key $key -Dashboard $dashboard
exit $LASTEXITCODE
