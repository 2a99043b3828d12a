#Requires -Version 7.4
# Makes package/, which is what Azure runs: the app, and the packages that it needs.
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $false # whatever the session has

function Stop-WithMessage([string] $Message) {
    [Console]::Error.WriteLine($Message)
    exit 1
}

if (-not (Get-Command npm -CommandType Application -ErrorAction SilentlyContinue)) {
    Stop-WithMessage 'npm is missing: install Node.js 22 or newer from https://nodejs.org'
}

Push-Location (Join-Path $PSScriptRoot '../src')
try {
    if (Test-Path ../package) { Remove-Item ../package -Recurse -Force }
    $null = New-Item ../package -ItemType Directory
    Get-ChildItem -Directory -Exclude node_modules, tests | Copy-Item -Destination ../package -Recurse
    Copy-Item .funcignore, host.json, package.json, package-lock.json ../package
    npm ci --omit=dev --os=linux --cpu=x64 --prefix ../package
    if ($LASTEXITCODE -ne 0) { Stop-WithMessage 'the packages could not be installed: npm says why.' }
} finally {
    Pop-Location
}
exit 0
