#Requires -Version 7.4
# Starts the emulators, waits until they answer, then starts the function app.
#
# Usage: pwsh scripts/start.ps1 [options of func start]
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

Set-Location (Join-Path $PSScriptRoot '..')
. (Join-Path $PSScriptRoot 'app.ps1')

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
