#Requires -Version 7.4
# Makes package/, which is what Azure runs: the published app.
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

Set-Location (Join-Path $PSScriptRoot '..')
. (Join-Path $PSScriptRoot 'app.ps1')
Assert-AppTool

if (Test-Path package) { Remove-Item package -Recurse -Force }
dotnet publish src --configuration Release --output package --verbosity quiet
if ($LASTEXITCODE -ne 0) { Stop-WithMessage 'the app could not be built: correct the errors above.' }
