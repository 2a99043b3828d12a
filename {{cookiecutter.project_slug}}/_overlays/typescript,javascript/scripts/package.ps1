#Requires -Version 7.4
# Makes package/, which is what Azure runs: the app, and its packages for Linux.
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

Set-Location (Join-Path $PSScriptRoot '..')
. (Join-Path $PSScriptRoot 'app.ps1')
Assert-AppTool
if (Test-Path package) { Remove-Item package -Recurse -Force }
Initialize-App
node scripts/package.mjs
exit $LASTEXITCODE
