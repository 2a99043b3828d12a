# Sends the app in Azure an order that must reach Completed.
#
# Usage: $env:APP_URL = 'https://<app>.azurewebsites.net'; $env:FUNCTION_KEY = '<key>'; pwsh scripts/smoke-test.ps1
#
# The first order after a deployment can wait some minutes, until Azure knows the roles everywhere.

#Requires -Version 7.4
Set-PSDebug -Off # tracing would show the key
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

$order = '{"id": "smoke-test", "items": [{"sku": "A-1", "quantity": 1, "unitPrice": 1.0}], "total": 1.0}'
$attempts = if ($env:RETRY_ATTEMPTS) { [int] $env:RETRY_ATTEMPTS } else { 40 }
$pause = if ($env:RETRY_PAUSE) { [int] $env:RETRY_PAUSE } else { 15 } # seconds
$dashboard = if ($env:DASHBOARD_URL) { $env:DASHBOARD_URL } else { 'the dashboard of the scheduler' }
$limits = @{ SkipHttpErrorCheck = $true; ConnectionTimeoutSeconds = 15; OperationTimeoutSeconds = 15 }

function Stop-WithMessage([string] $Message) {
    [Console]::Error.WriteLine($Message)
    exit 1
}

# Returns the status URL of the order, which holds a key like the header that goes there.
function Send-Order {
    $status = 'none'
    for ($attempt = 1; $attempt -le $attempts; $attempt++) {
        try {
            $answer = Invoke-WebRequest "$env:APP_URL/api/orders" -Method Post -Body $order -ContentType 'application/json' `
                -Headers @{ 'x-functions-key' = $env:FUNCTION_KEY } @limits
            $status = $answer.StatusCode
            if ($status -eq 202 -and $answer.Headers.ContainsKey('Location')) {
                return $answer.Headers['Location'][0]
            }
        } catch [System.Net.Http.HttpRequestException], [System.OperationCanceledException], [System.TimeoutException] {
            $status = 'none'
        }
        Start-Sleep -Seconds $pause
    }
    if ($status -eq 401) {
        Stop-WithMessage 'The app does not accept FUNCTION_KEY: give its default key, which the portal shows under App keys.'
    }
    Stop-WithMessage "The app does not accept the smoke order (last answer: $status): see its log stream in the portal, and $dashboard"
}

function Wait-Order([string] $Location) {
    $status = 'unknown'
    for ($attempt = 1; $attempt -le $attempts; $attempt++) {
        try {
            $answer = Invoke-WebRequest $Location @limits
            if ("$($answer.Content)" -match '"runtimeStatus": *"([A-Za-z]*)"') { $status = $Matches[1] }
        } catch [System.Net.Http.HttpRequestException], [System.OperationCanceledException], [System.TimeoutException] {
            $status = 'unknown'
        }
        if ($status -eq 'Completed') { return }
        if ($status -in 'Failed', 'Terminated', 'Canceled') { break }
        Start-Sleep -Seconds $pause
    }
    Stop-WithMessage "The smoke order is $status, not Completed: see $dashboard"
}

if (-not $env:APP_URL) { Stop-WithMessage 'APP_URL is not set: give the address of the app, https://<app>.azurewebsites.net' }
if (-not $env:FUNCTION_KEY) { Stop-WithMessage 'FUNCTION_KEY is not set: give the default key of the app, which the portal shows under App keys.' }
$location = Send-Order
Wait-Order $location
$instance = ($location -split '/instances/')[-1] -replace '\?.*', ''
Write-Output "The order completed: instance $instance, see $dashboard"
