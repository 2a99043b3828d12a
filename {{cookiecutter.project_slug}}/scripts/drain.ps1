# Waits until no instance of the app in Azure runs, so that a deployment does not cut off work.
#
# Usage: $env:DURABLE_URL = 'https://<app>.azurewebsites.net'; $env:DURABLE_KEY = '<key>'; pwsh scripts/drain.ps1
#
# DURABLE_KEY is the system key durabletask_extension, or none when the app has no such key yet: Durable
# Functions creates it when it runs for the first time. DRAIN_MINUTES is how long this waits: 10, unless
# you set it. An instance that waits for an event or a timer counts as running, a suspended one does not.

#Requires -Version 7.4
[CmdletBinding(PositionalBinding = $false)]
param(
    [string] $Url = $env:DURABLE_URL,
    [string] $Key = $env:DURABLE_KEY,
    [switch] $Help,
    [Parameter(ValueFromRemainingArguments)] [string[]] $Others
)

Set-PSDebug -Off # tracing would show the key
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

. (Join-Path $PSScriptRoot 'management-api.ps1')

# Returns the number of instances that run or will, or nothing when that is unknown. An entity is
# always running: its id starts with @. A page can be empty and have a next one.
function Measure-Running {
    $found = 0
    $headers = @{}
    do {
        $response = Get-Instance $Url $Key '?runtimeStatus=Running,Pending&showInput=false&top=100' $headers
        $script:status = if ($response) { $response.StatusCode } else { 'none' }
        if ($status -ne 200 -or "$($response.Content)" -notlike '`[*') { return }
        $found += ([regex] '"instanceId": *"[^@]').Count("$($response.Content)")
        $headers = @{}
        foreach ($name in $response.Headers.Keys -like 'x-ms-continuation-token') {
            if ($response.Headers[$name][0]) { $headers = @{ $name = $response.Headers[$name][0] } }
        }
    } while ($headers.Count)
    return $found
}

# Ends the script, because nothing can run.
function Exit-BeforeFirstDeployment {
    Write-Output 'The app has no instances yet: no Durable Functions are deployed.'
    exit 0
}

Read-Argument $PSCommandPath $Help $Others
$minutes = Read-Number 'DRAIN_MINUTES' 10 0 1440
$pause = Read-Number 'RETRY_PAUSE' 15 0 3600 # seconds
Assert-App $Url $Key
if ($Key -ceq 'none') { Exit-BeforeFirstDeployment }
$clock = [System.Diagnostics.Stopwatch]::StartNew()
while ($true) {
    $running = Measure-Running
    if ($status -eq 404) { Exit-BeforeFirstDeployment }
    if ($running -eq 0) {
        Write-Output 'No instance runs.'
        exit 0
    }
    $left = $minutes * 60 - $clock.Elapsed.TotalSeconds
    if ($left -le 0) { break }
    $known = if ($null -ne $running) { $running } else { "unknown (last response: $status)" }
    Write-Output "Instances that run: $known. Waiting, $([Math]::Ceiling($left / 60)) minutes left"
    Start-Sleep -Seconds $pause
}
if ($null -eq $running) {
    Stop-WithMessage "Cannot read which instances run (last response: $status): see the log stream of the app in the portal."
}
Stop-WithMessage "Instances that run after $minutes minutes: $running. Set DRAIN_MINUTES to wait longer; for instances that run for days, see 'Deployments and running work' in docs/deploy.md."
