# Saves the history of an instance, so that the tests replay it with today's orchestrator.
#
# Usage: pwsh scripts/record-history.ps1 <instance id> [name]
#
# It asks the app that runs locally. For an app in Azure, set DURABLE_URL to its address and DURABLE_KEY
# to its system key durabletask_extension. The file is histories/<name>.json in the folder of the tests.
# It holds what the instance got and returned: record an order without personal data.

#Requires -Version 7.4
param(
    [Parameter(Position = 0)] [string] $Instance,
    [Parameter(Position = 1)] [string] $Name,
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

# Returns JSON with each value on a line of its own. Texts and numbers remain as they are.
function Format-Json([string] $Json) {
    $indent = 0
    $last = ''
    $text = [System.Text.StringBuilder]::new()
    foreach ($match in [regex]::Matches($Json, '"([^"\\]|\\.)*"|[\[\]{}:,]|[^\[\]{}:,"\s]+')) {
        $token = $match.Value
        $closes = $token -in '}', ']'
        if ($closes) { $indent -= 2 }
        if ($closes ? $last -notin '{', '[' : $last -in '{', '[', ',') { $null = $text.Append("`n" + ' ' * $indent) }
        if ($token -in '{', '[') { $indent += 2 }
        $null = $text.Append($token -eq ':' ? ': ' : $token)
        $last = $token
    }
    return "$text`n"
}

Read-Argument $PSCommandPath $Help $Others
if (-not $Url) { $Url = 'http://localhost:7071' }
if (-not $Name) { $Name = $Instance }
if ($Instance -cnotmatch '^[A-Za-z0-9._:-]{1,100}\z') {
    Stop-WithMessage "Give the id of an instance, as the response to the order has it: up to 100 letters, digits, '.', '_', ':' and '-'."
}
if ($Name -cnotmatch '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}\z') {
    Stop-WithMessage "The name '$Name' cannot be the name of a file: give a name of letters, digits, '.', '_' and '-' after the id."
}
$project = Split-Path $PSScriptRoot
$folder = (Test-Path (Join-Path $project 'src/tests')) ? 'src/tests/histories' : 'tests/histories'
$file = "$folder/$Name.json"
if (Test-Path (Join-Path $project $file)) {
    Stop-WithMessage "$file exists: give another name after the id, or delete the file."
}
Assert-App $Url $Key
$response = Get-Instance $Url $Key "/${Instance}?showHistory=true&showHistoryOutput=true&showInput=true"
$status = if ($response) { $response.StatusCode } else { 'none' }
switch ($status) {
    { $_ -in 200, 202 } { break }
    404 { Stop-WithMessage "The app at $Url has no instance $Instance." }
    'none' { Stop-WithMessage "The app at $Url does not respond: start it with scripts/start.ps1, or set DURABLE_URL." }
    default { Stop-WithMessage "The app at $Url does not show the history (last response: $status): see its log." }
}
if ("$($response.Content)" -notmatch '"historyEvents": *\[') {
    Stop-WithMessage "The instance $Instance has no history yet: try again when it runs."
}
$null = New-Item (Join-Path $project $folder) -ItemType Directory -Force
[System.IO.File]::WriteAllText((Join-Path $project $file), (Format-Json "$($response.Content)"))
if ($status -eq 202) { Write-Output 'The instance still runs: the file holds its history so far.' }
Write-Output "Saved $file. The tests replay it from now on."
exit 0
