#Requires -Version 7.4
# Starts the emulators, waits until they listen, then starts the function app.
#
# Usage: pwsh scripts/start.ps1 [options of func start]
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

Set-Location (Join-Path $PSScriptRoot '..')
. (Join-Path $PSScriptRoot 'app.ps1')

function Test-Port([int] $Port) {
    $client = [System.Net.Sockets.TcpClient]::new()
    try {
        $client.Connect('127.0.0.1', $Port)
        return $true
    } catch {
        return $false
    } finally {
        $client.Dispose()
    }
}

function Wait-Port([int] $Port, [string] $Service) {
    foreach ($attempt in 1..60) {
        if (Test-Port $Port) { return }
        Start-Sleep -Seconds 1
    }
    Stop-WithMessage "$Service does not listen on port $Port after 60 seconds: see 'docker compose logs'."
}

Assert-Tool docker https://docs.docker.com/get-started/get-docker/
$errors = docker info 2>&1 | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] }
if ($LASTEXITCODE -ne 0) { Stop-WithMessage "docker does not answer: $($errors | Select-Object -Last 1)" }
docker compose version *> $null
if ($LASTEXITCODE -ne 0) { Stop-WithMessage 'docker compose is missing: install the Compose plugin of Docker.' }
Assert-Tool func https://learn.microsoft.com/azure/azure-functions/functions-run-local
Assert-AppTool
if (-not (Test-Path src/local.settings.json)) {
    Copy-Item src/local.settings.example.json src/local.settings.json
}

docker compose up --detach
if ($LASTEXITCODE -ne 0) {
    Stop-WithMessage 'the emulators did not start: is another program using port 8080, 8082 or 10000 to 10002?'
}
Wait-Port 8080 'The scheduler emulator'
Wait-Port 10000 'The storage emulator'
Write-Output 'The dashboard of the scheduler is at http://localhost:8082'

Initialize-App
Set-Location src
func start @args
exit $LASTEXITCODE
