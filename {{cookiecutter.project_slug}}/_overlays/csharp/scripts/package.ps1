#Requires -Version 7.4
# Creates package/, which is what Azure runs: the published app.
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $false # whatever the session has
. (Join-Path $PSScriptRoot 'app.ps1')

# Ends with a message, and leaves no package that could be deployed.
function Stop-WithoutPackage([string] $Message) {
    if (Test-Path package) { Remove-Item package -Recurse -Force }
    Stop-WithMessage $Message
}

# Returns the functions of the app in package/.
function Get-FunctionName {
    dotnet build scripts/ListFunctions.cs --output src/obj/ListFunctions --verbosity quiet | Out-Host
    if ($LASTEXITCODE -eq 0) {
        dotnet exec --runtimeconfig package/Orders.runtimeconfig.json `
            src/obj/ListFunctions/ListFunctions.dll package/Orders.dll
    }
}

Push-Location (Join-Path $PSScriptRoot '..')
try {
    Assert-AppTool
    if (Test-Path package) { Remove-Item package -Recurse -Force }
    # Without an executable for the system that builds: Azure runs Orders.dll.
    dotnet publish src --configuration Release --output package --verbosity quiet -p:UseAppHost=false
    if ($LASTEXITCODE -ne 0) { Stop-WithoutPackage 'The app could not be built: correct the errors above.' }
    $functions = @(Get-FunctionName)
    if ($LASTEXITCODE -ne 0) {
        Stop-WithoutPackage "The app in package/ does not load: see the error above. package/ is what 'dotnet publish' makes of src/."
    }
    if (-not $functions) {
        Stop-WithoutPackage 'The app in package/ has no functions: mark their methods with [Function].'
    }
    Write-Output "package/ is ready, with the functions $($functions -join ', ')."
} finally {
    Pop-Location
}
exit 0
