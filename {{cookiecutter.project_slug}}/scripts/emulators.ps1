#Requires -Version 7.4
# Starts the emulators of the scheduler and of Azure Storage, and waits until they answer.
#
# An open port is not enough: the proxy of Docker listens before the program in the container does.
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

. (Join-Path $PSScriptRoot 'messages.ps1')

$limit = $env:EMULATOR_TIMEOUT ? $env:EMULATOR_TIMEOUT : '60' # seconds
if ($limit -notmatch '^[0-9]+$') {
    Stop-WithMessage "EMULATOR_TIMEOUT is '$limit': it must be a number of seconds, as in 60."
}

# Returns the port of this computer for a port of a service: compose.yaml can map another one.
function Get-Port([string] $Service, [int] $Port) {
    $address = docker compose port $Service $Port 2>$null
    if ($LASTEXITCODE -eq 0 -and "$address" -match ':([0-9]+)') { return [int] $Matches[1] }
    return $Port
}

# gRPC is HTTP/2: a server answers the preface of a client with a SETTINGS frame. The fourth byte of
# a frame is its type, and this type is 4 (RFC 9113, sections 3.4 and 4.1).
function Test-Scheduler([int] $Port) {
    $client = [Net.Sockets.TcpClient]::new()
    try {
        $client.Connect('127.0.0.1', $Port)
        $stream = $client.GetStream()
        $stream.ReadTimeout = 5000 # milliseconds
        $preface = [Text.Encoding]::ASCII.GetBytes("PRI * HTTP/2.0`r`n`r`nSM`r`n`r`n`0`0`0`u{4}`0`0`0`0`0")
        $stream.Write($preface, 0, $preface.Length)
        $header = [byte[]]::new(4)
        $stream.ReadExactly($header, 0, 4)
        return $header[3] -eq 4
    } catch {
        return $false
    } finally {
        $client.Dispose()
    }
}

# Azurite gives its name in every response, also in one that refuses the request.
function Test-Storage([int] $Port) {
    try {
        $response = Invoke-WebRequest "http://127.0.0.1:$Port/" -SkipHttpErrorCheck -NoProxy -TimeoutSec 5
        return "$($response.Headers['Server'])" -like 'Azurite*'
    } catch {
        return $false
    }
}

function Wait-Emulator([string] $Test, [string] $Service, [int] $ContainerPort) {
    $port = Get-Port $Service $ContainerPort
    $watch = [Diagnostics.Stopwatch]::StartNew()
    while (-not (& $Test $port)) {
        if ($watch.Elapsed.TotalSeconds -ge [int] $limit) {
            Stop-WithMessage "The $Service emulator does not answer on port $port after $limit seconds: see 'docker compose logs $Service', and end other programs that use the port."
        }
        Start-Sleep -Seconds 1
    }
}

Assert-Tool docker https://docs.docker.com/get-started/get-docker/
$errors = docker info 2>&1 | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] }
if ($LASTEXITCODE -ne 0) { Stop-WithMessage "docker does not answer: $($errors | Select-Object -Last 1)" }
docker compose version *> $null
if ($LASTEXITCODE -ne 0) { Stop-WithMessage 'docker compose is missing: install the Compose plugin of Docker.' }

Push-Location (Join-Path $PSScriptRoot '..')
try {
    docker compose up --detach
    if ($LASTEXITCODE -ne 0) {
        Stop-WithMessage 'the emulators did not start: is another program using port 8080, 8082 or 10000 to 10002?'
    }
    Wait-Emulator Test-Scheduler scheduler 8080
    Wait-Emulator Test-Storage storage 10000
    Write-Output "The dashboard of the scheduler is at http://localhost:$(Get-Port scheduler 8082)"
} finally {
    Pop-Location
}
exit 0
