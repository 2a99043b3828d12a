#Requires -Version 7.4
# Makes package/, which is what Azure runs: the compiled app, and the packages that it needs.
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

Set-Location (Join-Path $PSScriptRoot '..')
. (Join-Path $PSScriptRoot 'app.ps1')
Assert-AppTool
Set-Location src

if (Test-Path ../package) { Remove-Item ../package -Recurse -Force }
npm ci && npm run build
if ($LASTEXITCODE -ne 0) { Stop-WithMessage 'the app could not be built: correct the errors above.' }
$null = New-Item ../package -ItemType Directory
Copy-Item dist ../package -Recurse
Remove-Item ../package/dist/tests -Recurse
Get-ChildItem ../package -Recurse -Filter *.js.map | Remove-Item
Copy-Item .funcignore, host.json, package.json, package-lock.json ../package
npm ci --omit=dev --os=linux --cpu=x64 --prefix ../package
if ($LASTEXITCODE -ne 0) { Stop-WithMessage 'the packages could not be installed: npm says why.' }
