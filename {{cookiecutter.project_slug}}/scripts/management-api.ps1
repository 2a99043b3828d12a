# Dot-sourced by the scripts that ask Durable Functions about instances: the management API of the app.

. (Join-Path $PSScriptRoot 'messages.ps1')

# A redirect would take the key to another host, such as that of a login page.
$limits = @{
    ConnectionTimeoutSeconds = 30
    OperationTimeoutSeconds = 30
    MaximumRedirection = 0
    SkipHttpErrorCheck = $true
    ErrorAction = 'SilentlyContinue'
}

# Ends the script when it was not told where the app is. Only an app in Azure has keys.
function Assert-App([string] $Url, [string] $Key) {
    if ($Url -cnotmatch '^https://|^http://(localhost|127\.0\.0\.1)[:/]') {
        Stop-WithMessage 'DURABLE_URL must be the address of the app: set it to https://<app>.azurewebsites.net'
    }
    if (-not $Key -and $Url -clike 'https://*') {
        Stop-WithMessage 'DURABLE_KEY is not set: give the system key durabletask_extension of the app, which the portal shows under App keys.'
    }
}

# Sends a GET for instances: a query that starts with '?', or '/' and an id. Returns the response, or
# nothing when there is none.
function Get-Instance([string] $Url, [string] $Key, [string] $Query, [hashtable] $Headers = @{}) {
    $all = if ($Key) { $Headers + @{ 'x-functions-key' = $Key } } else { $Headers }
    try {
        $response = Invoke-WebRequest "$($Url.TrimEnd('/'))/runtime/webhooks/durabletask/instances$Query" -Headers $all @limits
    } catch [System.Net.Http.HttpRequestException], [System.OperationCanceledException], [System.TimeoutException] {
        return
    }
    if ($response.StatusCode -eq 401) {
        Stop-WithMessage 'The app does not accept the key: give its system key durabletask_extension in DURABLE_KEY, which the portal shows under App keys.'
    }
    return $response
}
