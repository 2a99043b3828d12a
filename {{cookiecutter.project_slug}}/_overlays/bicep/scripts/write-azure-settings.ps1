#Requires -Version 7.4
# Writes src/local.settings.azure.json, with which the local app uses the scheduler in Azure.
#
# azd runs this after it has provisioned, with its values in the environment.
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$source = Join-Path $PSScriptRoot '../src'

. (Join-Path $PSScriptRoot 'messages.ps1')

foreach ($name in 'SCHEDULER_ENDPOINT', 'TASK_HUB_NAME') {
    if (-not [Environment]::GetEnvironmentVariable($name)) {
        Stop-WithMessage "$name is not set: run 'azd provision', which runs this."
    }
}

$settings = Get-Content (Join-Path $source 'local.settings.example.json') -Raw | ConvertFrom-Json
$settings.Values.DURABLE_TASK_SCHEDULER_CONNECTION_STRING = "Endpoint=$env:SCHEDULER_ENDPOINT;Authentication=DefaultAzure"
$settings.Values.TASKHUB_NAME = $env:TASK_HUB_NAME
$settings | ConvertTo-Json | Set-Content (Join-Path $source 'local.settings.azure.json')
Write-Output 'Wrote src/local.settings.azure.json: copy it to src/local.settings.json to use the scheduler in Azure. The app there shares its orders with yours.'
