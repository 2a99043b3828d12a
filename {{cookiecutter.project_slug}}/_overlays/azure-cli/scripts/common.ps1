# Read by the scripts of this folder: settings, messages, and guards around the Azure CLI.

#Requires -Version 7.4
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

function Get-Number([string] $Name, [int] $Default) {
    $value = [Environment]::GetEnvironmentVariable($Name)
    if ($value) { return [int] $value }
    return $Default
}

# Seconds that one call of the Azure CLI may take; attempts, and seconds between them, where Azure
# needs time until all of it knows a new identity, role or app.
$AzTimeout = Get-Number 'AZ_TIMEOUT' 1800
$RetryAttempts = Get-Number 'RETRY_ATTEMPTS' 40
$RetryPause = Get-Number 'RETRY_PAUSE' 15

function Stop-WithMessage([string] $Message) {
    [Console]::Error.WriteLine($Message)
    exit 1
}

# Prints the comment at the top of a script that was called with --help, and ends it.
function Read-Argument([string] $Script, [bool] $Help, [string[]] $Others) {
    if ($Help) {
        foreach ($line in Get-Content $Script) {
            if (-not $line) { exit 0 }
            Write-Output ($line -replace '^# ?', '')
        }
    }
    if ($Others) { Stop-WithMessage "Unknown argument '$($Others[0])': run 'pwsh $Script --help'." }
}

# Reads settings.env; a variable that the environment has already wins.
function Read-Setting {
    $found = @{}
    foreach ($line in Get-Content (Join-Path $PSScriptRoot 'settings.env')) {
        if ($line -cnotmatch '^([A-Z_]+)=(.*)$') { continue }
        $name = $Matches[1]
        $value = [Environment]::GetEnvironmentVariable($name)
        $found[$name] = if ($value) { $value } else { $Matches[2] }
    }
    return $found
}

# Runs az without a terminal: a question of az is an error then, not a wait for ever.
function Invoke-AzBounded {
    $program = Get-Command az -CommandType Application -ErrorAction SilentlyContinue -TotalCount 1
    $start = [System.Diagnostics.ProcessStartInfo]::new($program.Source)
    foreach ($argument in $args) { $start.ArgumentList.Add("$argument") }
    $start.ArgumentList.Add('--only-show-errors')
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    $process = [System.Diagnostics.Process]::Start($start)
    $process.StandardInput.Close()
    $output = $process.StandardOutput.ReadToEndAsync()
    $message = $process.StandardError.ReadToEndAsync()
    $ended = $process.WaitForExit($AzTimeout * 1000)
    if (-not $ended) { $process.Kill($true) }
    $process.WaitForExit()
    return [pscustomobject] @{
        Code = if ($ended) { $process.ExitCode } else { 124 }
        Output = $output.GetAwaiter().GetResult().Trim()
        Message = $message.GetAwaiter().GetResult().Trim()
    }
}

# Runs az. When it fails, prints its message and one sentence with the remedy, and ends the script.
function Invoke-AzChecked {
    $result = Invoke-AzBounded @args
    if ($result.Code -ne 0) { Exit-WithRemedy $result.Code $result.Message }
    if ($result.Output) { return $result.Output }
}

# Runs az and returns one value; none at all is an error, although az exits with 0.
function Get-AzValue {
    $what, $command = $args
    $value = Invoke-AzChecked @command --output tsv
    if (-not $value) {
        Stop-WithMessage "Azure knows no ${what}: run 'pwsh scripts/provision.ps1', then run this again."
    }
    return $value
}

# Whether a resource exists. Only exit code 3 means that it does not; all others are errors.
function Test-AzResource {
    $result = Invoke-AzBounded @args --output none
    if ($result.Code -notin 0, 3) { Exit-WithRemedy $result.Code $result.Message }
    return $result.Code -eq 0
}

function Exit-WithRemedy([int] $Code, [string] $Message) {
    [Console]::Error.WriteLine($Message)
    $remedy = switch -Regex -CaseSensitive ("$Code $Message") {
        '^124 ' { "The Azure CLI did not answer within $AzTimeout seconds: check the network, then run this again." }
        'az login|AADSTS' { "You are not signed in: run 'az login', then run this again." }
        'AuthorizationFailed|does not have authorization' { 'Your account may not do this: ask for the roles Contributor and Role Based Access Control Administrator on the resource group, then run this again.' }
        'SkuNotAvailable|LocationNotAvailable|InvalidResourceLocation|InvalidResourceGroupLocation' { "LOCATION=$($Settings.LOCATION) does not fit: choose a region that offers the service, or the one in which the resource exists, then run this again." }
        'Quota|quota' { 'The quota of the subscription is used up: ask for more, or choose another LOCATION in scripts/settings.env, then run this again.' }
        'AlreadyTaken|already taken|already exists' { 'The name is taken: set APP_NAME or STORAGE_ACCOUNT in scripts/settings.env, then run this again.' }
        "No matching extensions|not in the '|is misspelled or not recognized" { "The Azure CLI lacks a command: run 'az extension add --name durabletask', update the CLI with 'az upgrade' (2.75 or newer), then run this again." }
        '^3 ' { "A resource does not exist: run 'pwsh scripts/provision.ps1', then run this again." }
        default { "The Azure CLI failed with exit code ${Code}: correct what it says above, then run this again." }
    }
    Stop-WithMessage @($remedy)[0]
}

function Assert-Program([string] $Name, [string] $Source) {
    if (-not (Get-Command $Name -CommandType Application -ErrorAction SilentlyContinue)) {
        Stop-WithMessage "$Name is missing: install it, see $Source"
    }
}

# Reads the settings, adds SUBSCRIPTION_ID, APP_NAME and STORAGE_ACCOUNT, and checks every name
# before anything is made.
function Resolve-Setting {
    Assert-Program 'az' 'https://learn.microsoft.com/cli/azure/install-azure-cli'
    $Settings = Read-Setting
    $Settings.SUBSCRIPTION_ID = Get-AzValue 'subscription' account show --query id
    $suffix = Get-Suffix "$($Settings.SUBSCRIPTION_ID)/$($Settings.RESOURCE_GROUP)"
    $project = $Settings.PROJECT
    $start = $project.Substring(0, [Math]::Min(25, $project.Length)) -replace '-$', ''
    $letters = $project.Replace('-', '')
    $letters = $letters.Substring(0, [Math]::Min(16, $letters.Length))
    if (-not $Settings.APP_NAME) { $Settings.APP_NAME = "$start-$suffix" }
    if (-not $Settings.STORAGE_ACCOUNT) { $Settings.STORAGE_ACCOUNT = "st$letters$suffix" }
    $hyphenated = '[A-Za-z0-9]+(-[A-Za-z0-9]+)*'
    Assert-Name 'LOCATION' 2 64 '[a-z]+[a-z0-9]*' 'the short name of a region, as in centralus'
    Assert-Name 'RESOURCE_GROUP' 1 90 '[A-Za-z0-9_().-]*[A-Za-z0-9_()-]' '1 to 90 letters, digits, _ ( ) . or -, not ending in a dot'
    Assert-Name 'SCHEDULER_NAME' 3 64 $hyphenated '3 to 64 letters, digits or single hyphens, no hyphen at the ends'
    Assert-Name 'TASK_HUB_NAME' 3 64 $hyphenated '3 to 64 letters, digits or single hyphens, no hyphen at the ends'
    Assert-Name 'LOG_ANALYTICS_NAME' 4 63 '[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]' '4 to 63 letters, digits or hyphens, no hyphen at the ends'
    Assert-Name 'APP_INSIGHTS_NAME' 1 260 '[A-Za-z0-9_().-]*[A-Za-z0-9_()-]' '1 to 260 letters, digits, _ ( ) . or -, not ending in a dot'
    Assert-Name 'APP_NAME' 2 60 '[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]' '2 to 60 letters, digits or hyphens, no hyphen at the ends'
    Assert-Name 'STORAGE_ACCOUNT' 3 24 '[a-z0-9]+' '3 to 24 lower-case letters or digits'
    return $Settings
}

function Assert-Name([string] $Name, [int] $Shortest, [int] $Longest, [string] $Pattern, [string] $Rule) {
    $value = $Settings[$Name]
    if ($value.Length -lt $Shortest -or $value.Length -gt $Longest -or $value -cnotmatch "^($Pattern)`$") {
        Stop-WithMessage "$Name=$value is not possible: use $Rule. It stands in scripts/settings.env."
    }
}

function Get-Suffix([string] $Text) {
    $hash = [System.Security.Cryptography.SHA256]::HashData([System.Text.Encoding]::UTF8.GetBytes($Text))
    return [Convert]::ToHexString($hash).Substring(0, 6).ToLowerInvariant()
}

# Gives a principal a role. Azure needs up to some minutes until all of it knows a new identity.
function Grant-Role([string] $Principal, [string] $Kind, [string] $Role, [string] $Scope) {
    for ($attempt = 1; $attempt -le $RetryAttempts; $attempt++) {
        $result = Invoke-AzBounded role assignment create --assignee-object-id $Principal `
            --assignee-principal-type $Kind --role $Role --scope $Scope --output none
        if ($result.Code -eq 0) { return }
        if (-not $result.Message.Contains('PrincipalNotFound')) { Exit-WithRemedy $result.Code $result.Message }
        Start-Sleep -Seconds $RetryPause
    }
    Stop-WithMessage "Azure still does not know the identity ${Principal}: wait some minutes, then run this again."
}
