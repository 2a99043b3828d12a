#Requires -Version 7.4
# Gives the app the settings of a local run: src/local.settings.json, from its example.
#
# The extension of VS Code and the Core Tools create that file with one or two settings when it is
# missing. This script replaces such a file, and never one that holds a setting of yours.
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

. (Join-Path $PSScriptRoot 'messages.ps1')

$settings = Join-Path $PSScriptRoot '../src/local.settings.json'
$example = Join-Path $PSScriptRoot '../src/local.settings.example.json'
$storage = '"AzureWebJobsStorage":"(UseDevelopmentStorage=true)?"'
$worker = '"FUNCTIONS_WORKER_RUNTIME":"[a-z-]*"'
$created = "^(\{`"IsEncrypted`":false(,`"Values`":\{(($storage|$worker),?)*\})?\})?$"

[string] $content = if (Test-Path $settings) { (Get-Content $settings -Raw) -replace '\s' }
if ($content -cmatch $created) {
    Copy-Item $example $settings
    exit 0
}

$names = (Get-Content $example -Raw | ConvertFrom-Json).Values.PSObject.Properties.Name
$missing = $names.Where({
        -not $content.Contains("`"${_}`":") -and -not [Environment]::GetEnvironmentVariable($_)
    })
if ($missing) {
    Stop-WithMessage "src/local.settings.json has no $($missing -join ', '): copy what is missing from src/local.settings.example.json."
}
exit 0
