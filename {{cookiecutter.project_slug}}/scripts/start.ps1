#Requires -Version 7.4
# Starts the emulators, waits until they listen, then starts the function app.
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $false # whatever the session has

function Stop-WithMessage([string] $Message) {
    [Console]::Error.WriteLine($Message)
    exit 1
}

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

{% if cookiecutter.language == "python" %}
$before = $env:PATH, $env:VIRTUAL_ENV
{% endif %}
Push-Location (Join-Path $PSScriptRoot '..')
try {
    if (-not (Get-Command docker -ErrorAction SilentlyContinue)) {
        Stop-WithMessage 'docker is missing: install it from https://docs.docker.com/get-started/get-docker/'
    }
    $errors = docker info 2>&1 | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] }
    if ($LASTEXITCODE -ne 0) { Stop-WithMessage "docker does not answer: $($errors | Select-Object -Last 1)" }
    docker compose version *> $null
    if ($LASTEXITCODE -ne 0) { Stop-WithMessage 'docker compose is missing: install the Compose plugin of Docker.' }
    if (-not (Get-Command func -ErrorAction SilentlyContinue)) {
        Stop-WithMessage 'func is missing: install the Azure Functions Core Tools 4, see https://learn.microsoft.com/azure/azure-functions/functions-run-local'
    }
{% if cookiecutter.language == "python" %}
    $programs = Join-Path $PWD $(if ($IsWindows) { '.venv/Scripts' } else { '.venv/bin' })
    if (-not (Test-Path $programs)) {
        Stop-WithMessage "the virtual environment is missing: make it as the README shows under 'Test it'."
    }
{% elif cookiecutter.__worker_runtime == "node" %}
    if (-not (Get-Command npm -ErrorAction SilentlyContinue)) {
        Stop-WithMessage 'npm is missing: install Node.js 22 or newer from https://nodejs.org'
    }
{% else %}
    if (-not (Get-Command dotnet -ErrorAction SilentlyContinue)) {
        Stop-WithMessage 'dotnet is missing: install the .NET SDK from https://dotnet.microsoft.com/download/dotnet/10.0'
    }
{% endif %}
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

{% if cookiecutter.language == "python" %}
    # Not Activate.ps1: it would remain active in your session.
    $env:PATH = $programs + [IO.Path]::PathSeparator + $env:PATH
    $env:VIRTUAL_ENV = Split-Path $programs
{% endif %}
    Set-Location src
{% if cookiecutter.__worker_runtime == "node" %}
    if (-not (Test-Path node_modules)) {
        npm ci
        if ($LASTEXITCODE -ne 0) { Stop-WithMessage 'npm ci failed: its messages above say why.' }
    }
{% if cookiecutter.language == "typescript" %}
    npm run build
    if ($LASTEXITCODE -ne 0) { Stop-WithMessage 'the app does not compile: correct the errors above.' }
{% endif %}
{% endif %}
    func start @args
    exit $LASTEXITCODE
} finally {
    Pop-Location
{% if cookiecutter.language == "python" %}
    $env:PATH, $env:VIRTUAL_ENV = $before
{% endif %}
}
