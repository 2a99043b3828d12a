# Publishes the app, then sends it an order that must reach Completed.
#
# Usage: pwsh scripts/deploy.ps1
#
{% if cookiecutter.language == "python" %}
# Uses the Azure Functions Core Tools (func) when they are installed, else the Azure CLI.
{% else %}
# Builds and publishes with the Azure Functions Core Tools (func).
{% endif %}

#Requires -Version 7.4
param([switch] $Help, [Parameter(ValueFromRemainingArguments)] [string[]] $Others)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
. (Join-Path $PSScriptRoot 'common.ps1')
Read-Argument $PSCommandPath $Help $Others
$Settings = Resolve-Setting
$group = $Settings.RESOURCE_GROUP
$app = $Settings.APP_NAME

$order = '{"id": "smoke-test", "items": [{"sku": "A-1", "quantity": 1, "unitPrice": 1.0}], "total": 1.0}'
$url = if ($env:APP_URL) { $env:APP_URL } else { "https://$app.azurewebsites.net" }
$source = Join-Path $PSScriptRoot '../src'

function Publish-WithCoreTools {
    Write-Output 'Publishing with the Azure Functions Core Tools (some minutes)'
    Push-Location $source
{% if cookiecutter.__worker_runtime == "node" %}
    # The app is published with its packages, so the development tools leave first and come back.
    npm ci && npm run build --if-present && npm prune --omit=dev && func azure functionapp publish "$app" && npm ci
{% else %}
    func azure functionapp publish "$app"
{% endif %}
    $code = $LASTEXITCODE
    Pop-Location
    if ($code -ne 0) {
        Exit-WithMessage 'The app could not be published: correct what stands above, then run this again.'
    }
}

{% if cookiecutter.language == "python" %}
function Publish-WithAzureCli {
    Write-Output 'Publishing with the Azure CLI (some minutes)'
    $folder = Join-Path ([IO.Path]::GetTempPath()) ([IO.Path]::GetRandomFileName())
    try {
        Copy-App (Join-Path $folder 'app')
        [IO.Compression.ZipFile]::CreateFromDirectory((Join-Path $folder 'app'), (Join-Path $folder 'app.zip'))
        Invoke-AzChecked functionapp deployment source config-zip --resource-group $group `
            --name $app --src (Join-Path $folder 'app.zip') --build-remote true --output none
    } finally {
        Remove-Item $folder -Recurse -Force
    }
}

function Copy-App([string] $Target) {
    $root = (Resolve-Path $source).Path
    foreach ($file in Get-ChildItem $root -Recurse -File -Force) {
        $path = [IO.Path]::GetRelativePath($root, $file.FullName).Replace('\', '/')
        if ($path -match '^\.venv/|__pycache__|^local\.settings.*\.json$') { continue }
        $copy = Join-Path $Target $path
        $null = New-Item -ItemType Directory -Force -Path (Split-Path $copy)
        Copy-Item $file.FullName $copy
    }
}

{% endif %}
# Returns the key. The host answers for its keys as soon as it runs.
function Get-FunctionKey {
    for ($attempt = 1; $attempt -le $RetryAttempts; $attempt++) {
        $result = Invoke-AzBounded functionapp keys list --resource-group $group --name $app `
            --query functionKeys.default --output tsv
        if ($result.Code -eq 0 -and $result.Output) { return $result.Output }
        if ($result.Code -ne 0 -and -not $result.Message.Contains('host runtime')) {
            Exit-WithRemedy $result.Code $result.Message
        }
        Start-Sleep -Seconds $RetryPause
    }
    Exit-WithMessage "The app does not start: see its log stream in the portal, and $dashboard"
}

# Returns the status URL of the order, which holds a key like the header that goes there.
function Send-Order([hashtable] $Headers) {
    $status = 'none'
    for ($attempt = 1; $attempt -le $RetryAttempts; $attempt++) {
        try {
            $answer = Invoke-WebRequest "$url/api/orders" -Method Post -Body $order -Headers $Headers `
                -ContentType 'application/json' -SkipHttpErrorCheck -ConnectionTimeoutSeconds 60 -OperationTimeoutSeconds 60
            $status = $answer.StatusCode
            if ($status -eq 202 -and $answer.Headers.ContainsKey('Location')) {
                return $answer.Headers['Location'][0]
            }
        } catch [System.Net.Http.HttpRequestException], [System.OperationCanceledException], [System.TimeoutException] {
            $status = 'none'
        }
        Start-Sleep -Seconds $RetryPause
    }
    Exit-WithMessage "The app does not accept the smoke order (last answer: $status): see its log stream in the portal, and $dashboard"
}

function Wait-Order([string] $Location) {
    $status = 'unknown'
    for ($attempt = 1; $attempt -le $RetryAttempts; $attempt++) {
        try {
            $answer = Invoke-WebRequest $Location -SkipHttpErrorCheck -ConnectionTimeoutSeconds 60 -OperationTimeoutSeconds 60
            if ("$($answer.Content)" -match '"runtimeStatus": *"([A-Za-z]*)"') { $status = $Matches[1] }
        } catch [System.Net.Http.HttpRequestException], [System.OperationCanceledException], [System.TimeoutException] {
            $status = 'unknown'
        }
        if ($status -eq 'Completed') { return }
        if ($status -in 'Failed', 'Terminated', 'Canceled') { break }
        Start-Sleep -Seconds $RetryPause
    }
    Exit-WithMessage "The smoke order is $status, not Completed: see $dashboard"
}

Set-PSDebug -Off # tracing would show the key
{% if cookiecutter.language == "python" %}
if (Get-Command func -CommandType Application -ErrorAction SilentlyContinue) { Publish-WithCoreTools } else { Publish-WithAzureCli }
{% else %}
Assert-Program func https://learn.microsoft.com/azure/azure-functions/functions-run-local
Publish-WithCoreTools
{% endif %}

$dashboard = Get-AzValue 'task hub' durabletask taskhub show --resource-group $group `
    --scheduler-name $Settings.SCHEDULER_NAME --name $Settings.TASK_HUB_NAME --query properties.dashboardUrl
Write-Output 'Sending a smoke order (seconds; up to ten minutes after the first deployment, roles need time)'
$location = Send-Order @{ 'x-functions-key' = Get-FunctionKey }
Wait-Order $location
$instance = ($location -split '/instances/')[-1] -replace '\?.*', ''
Write-Output "The order completed: instance $instance, see $dashboard"
