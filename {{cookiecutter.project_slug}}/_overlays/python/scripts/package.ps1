#Requires -Version 7.4
# Makes package/, which is what Azure runs: the app, and its packages for Linux and Python 3.13.
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

Set-Location (Join-Path $PSScriptRoot '..')
. (Join-Path $PSScriptRoot 'app.ps1')
Assert-AppTool
python scripts/package.py
exit $LASTEXITCODE
