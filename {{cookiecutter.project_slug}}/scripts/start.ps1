#Requires -Version 7.4
# Starts the emulators, waits until they answer, then starts the function app.
#
# Usage: pwsh scripts/start.ps1 [options of func start]
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $false # whatever the session has
. (Join-Path $PSScriptRoot 'app.ps1')

$before = $env:PATH, $env:VIRTUAL_ENV # a session keeps what the virtual environment sets
Push-Location (Join-Path $PSScriptRoot '..')
try {
    Assert-Tool func https://learn.microsoft.com/azure/azure-functions/functions-run-local
    Assert-AppTool
    foreach ($script in 'local-settings.ps1', 'emulators.ps1') {
        & (Join-Path $PSScriptRoot $script)
        if ($LASTEXITCODE -ne 0) { exit 1 }
    }
    Initialize-App
    Set-Location src
    func start @args
    exit $LASTEXITCODE
} finally {
    Pop-Location
    $env:PATH, $env:VIRTUAL_ENV = $before
}
