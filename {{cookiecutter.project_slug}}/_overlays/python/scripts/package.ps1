#Requires -Version 7.4
# Creates package/, which is what Azure runs: the app, and its packages for Linux and Python 3.13.
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $false # whatever the session has
. (Join-Path $PSScriptRoot 'app.ps1')

$before = $env:PATH, $env:VIRTUAL_ENV # a session keeps what the virtual environment sets
Push-Location (Join-Path $PSScriptRoot '..')
try {
    Assert-AppTool
    python scripts/package.py
    exit $LASTEXITCODE
} finally {
    Pop-Location
    $env:PATH, $env:VIRTUAL_ENV = $before
}
