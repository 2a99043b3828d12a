# Sends the app in Azure an order that must reach the state in requests/contract.json.
#
# Usage: $env:SMOKE_TEST_URL = 'https://<app>.azurewebsites.net'; $env:SMOKE_TEST_KEY = '<key>'; pwsh scripts/smoke-test.ps1
#
# The first order after a deployment can wait some minutes, until the roles are effective everywhere.

#Requires -Version 7.4
param(
    [string] $Url = $env:SMOKE_TEST_URL,
    [string] $Key = $env:SMOKE_TEST_KEY,
    [string] $Dashboard = $env:SMOKE_TEST_DASHBOARD
)

Set-PSDebug -Off # tracing would show the key
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

$order = '{"id": "smoke-test", "items": [{"sku": "A-1", "quantity": 1, "unitPrice": 1.0}], "total": 1.0}'
# A redirect would take the key to another host, such as that of a login page.
$limits = @{
    ConnectionTimeoutSeconds = 15
    OperationTimeoutSeconds = 15
    MaximumRedirection = 0
    SkipHttpErrorCheck = $true
    ErrorAction = 'SilentlyContinue'
}
if (-not $Dashboard) { $Dashboard = 'the dashboard of the scheduler' }

. (Join-Path $PSScriptRoot 'messages.ps1')
$expected = (Get-Content (Join-Path $PSScriptRoot '../requests/contract.json') -Raw | ConvertFrom-Json -AsHashtable).smokeTest

# Tries until a script block returns something; the attempts together have ten minutes, as a rule.
function Wait-Result([scriptblock] $Try) {
    for ($attempt = 1; $attempt -le $attempts; $attempt++) {
        try {
            $result = & $Try
            if ($result) { return $result }
        } catch [System.Net.Http.HttpRequestException], [System.OperationCanceledException], [System.TimeoutException] {
            $script:status = 'none'
        }
        if ($pause -gt 0 -and $clock.Elapsed.TotalSeconds -ge $attempts * $pause) { return }
        if ($attempt -lt $attempts) { Start-Sleep -Seconds $pause }
    }
}

# Returns the status URL of the order, which holds a key like the header that goes there.
function Send-Order {
    $response = Invoke-WebRequest "$Url/api/orders" -Method Post -Body $order -ContentType 'application/json' `
        -Headers @{ 'x-functions-key' = $Key } @limits
    $script:status = $response.StatusCode
    if ($status -eq 202 -and $response.Headers.ContainsKey('Location')) { return $response.Headers['Location'][0] }
}

# Returns the status of the order when it has ended, or has the state that the contract expects. An order
# that was not fulfilled completes, too, and its output says so.
function Get-End {
    $state = "$((Invoke-WebRequest $location @limits).Content)"
    $script:status = if ($state -match '"runtimeStatus": *"([A-Za-z]*)"') { $Matches[1] } else { 'unknown' }
    if ($status -eq 'Completed' -and $state -match '"success": *false') {
        $reason = if ($state -match '"reason": *"([^"]*)"') { $Matches[1] } else { '' }
        Stop-WithMessage "The smoke order is Completed, but was not fulfilled ($reason): see $Dashboard"
    }
    if ($status -in 'Completed', 'Failed', 'Terminated', 'Canceled') { return $status }
    $custom = if ($state -match '"customStatus": *"([^"]*)"') { $Matches[1] } else { '' }
    if ($status -eq $expected['runtimeStatus'] -and $custom -eq "$($expected['customStatus'])") { return $status }
}

$attempts = Read-Number 'RETRY_ATTEMPTS' 40 1 1000
$pause = Read-Number 'RETRY_PAUSE' 15 0 3600 # seconds
if ($Url -cnotmatch '^https://|^http://(localhost|127\.0\.0\.1)[:/]') {
    Stop-WithMessage 'SMOKE_TEST_URL must be the address of the app: set it to https://<app>.azurewebsites.net'
}
if (-not $Key) {
    Stop-WithMessage 'SMOKE_TEST_KEY is not set: give the default key of the app, which the portal shows under App keys.'
}
$status = 'none'
$clock = [System.Diagnostics.Stopwatch]::StartNew()
$location = Wait-Result { Send-Order }
if (-not $location) {
    if ($status -eq 401) {
        Stop-WithMessage 'The app does not accept the function key: give its default key in SMOKE_TEST_KEY, which the portal shows under App keys.'
    }
    Stop-WithMessage "The app does not accept the smoke order (last response: $status): see its log stream in the portal, and $Dashboard"
}
$end = Wait-Result { Get-End }
if ($end -notin 'Completed', $expected['runtimeStatus']) {
    $custom = if ($expected['customStatus']) { " ($($expected['customStatus']))" }
    Stop-WithMessage "The smoke order is $status, not $($expected['runtimeStatus'])${custom}: see $Dashboard"
}
$instance = ($location -split '/instances/')[-1] -replace '\?.*', ''
Write-Output "The smoke order is ${status}: instance $instance, see $Dashboard"
exit 0
