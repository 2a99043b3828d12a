#Requires -Version 7.4
# Creates package/, which is what Azure runs: the app, and its packages for Linux.
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $false # whatever the session has
. (Join-Path $PSScriptRoot 'app.ps1')

Push-Location (Join-Path $PSScriptRoot '..')
try {
    Assert-AppTool
    if (Test-Path package) { Remove-Item package -Recurse -Force }
    Initialize-App
    node scripts/package.mjs
    exit $LASTEXITCODE
} finally {
    Pop-Location
}
