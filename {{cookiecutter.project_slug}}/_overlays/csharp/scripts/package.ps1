#Requires -Version 7.4
# Makes package/, which is what Azure runs: the published app.
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $false # whatever the session has

function Stop-WithMessage([string] $Message) {
    [Console]::Error.WriteLine($Message)
    exit 1
}

if (-not (Get-Command dotnet -CommandType Application -ErrorAction SilentlyContinue)) {
    Stop-WithMessage 'dotnet is missing: install the .NET SDK from https://dotnet.microsoft.com/download/dotnet/10.0'
}

Push-Location (Join-Path $PSScriptRoot '..')
try {
    if (Test-Path package) { Remove-Item package -Recurse -Force }
    dotnet publish src --configuration Release --output package --verbosity quiet
    if ($LASTEXITCODE -ne 0) { Stop-WithMessage 'the app could not be built: correct the errors above.' }
} finally {
    Pop-Location
}
exit 0
