# Read by the scripts of this folder: settings, messages, and guards around the Azure CLI.

#Requires -Version 7.4
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

$PSNativeCommandUseErrorActionPreference = $false # whatever the session has
. (Join-Path $PSScriptRoot 'messages.ps1')

$SettingNames = 'PROJECT', 'LOCATION', 'RESOURCE_GROUP', 'SCHEDULER_NAME', 'TASK_HUB_NAME', 'IDENTITY_NAME',
    'LOG_ANALYTICS_NAME', 'APP_INSIGHTS_NAME', 'PLAN_NAME', 'APP_NAME', 'STORAGE_ACCOUNT', 'IP_ALLOWLIST'

# Seconds that one call of the Azure CLI may take; attempts, and seconds between them, where Azure
# needs time until a new identity, role or app is available everywhere. The environment can have others.
$AzTimeout = 1800
$RetryAttempts = 40
$RetryPause = 15

# Reads settings.env, and checks every value before anything is created. Environment variables take
# precedence. The arguments are the settings that only some projects have.
function Read-Setting {
    $Settings = Read-SettingsFile
    $foreign = @()
    foreach ($name in $SettingNames) {
        $value = [Environment]::GetEnvironmentVariable($name)
        if ($value) { $foreign += $name } else { $value = "$($Settings[$name])" }
        $Settings[$name] = $value
    }
    $always = 'PROJECT', 'LOCATION', 'RESOURCE_GROUP', 'SCHEDULER_NAME', 'TASK_HUB_NAME', 'LOG_ANALYTICS_NAME',
        'APP_INSIGHTS_NAME', 'IP_ALLOWLIST'
    foreach ($name in $always + $args) {
        if (-not $Settings[$name]) { Stop-WithMessage "$name has no value: set it in scripts/settings.env." }
    }
    foreach ($name in $SettingNames) {
        if ($Settings[$name]) { Assert-Setting $name }
    }
    $script:AzTimeout = Read-Number 'AZ_TIMEOUT' $AzTimeout 1 86400
    $script:RetryAttempts = Read-Number 'RETRY_ATTEMPTS' $RetryAttempts 1 1000
    $script:RetryPause = Read-Number 'RETRY_PAUSE' $RetryPause 0 3600
    if ($foreign) { [Console]::Out.WriteLine("From the environment, not from scripts/settings.env: $foreign") }
    return $Settings
}

function Read-SettingsFile {
    $file = Join-Path $PSScriptRoot 'settings.env'
    if (-not (Test-Path $file)) { Stop-WithMessage 'scripts/settings.env is missing: restore it from the repository.' }
    $found = @{}
    foreach ($line in Get-Content $file) {
        if (-not $line -or $line.StartsWith('#')) { continue }
        $name, $value = $line -split '=', 2
        if ($null -eq $value -or $name -cnotin $SettingNames) {
            Stop-WithMessage "The line '$line' of scripts/settings.env is not possible: use NAME=value, with one of the names $SettingNames."
        }
        if ($found.ContainsKey($name)) {
            Stop-WithMessage "scripts/settings.env has $name twice: delete one of the lines."
        }
        $found[$name] = $value
    }
    return $found
}

# Runs az without a terminal: a question of az is an error then, not a wait for ever. Ctrl+C ends it.
function Invoke-AzBounded {
    $program = Get-Command az -CommandType Application -ErrorAction SilentlyContinue -TotalCount 1
    $start = [System.Diagnostics.ProcessStartInfo]::new($program.Source)
    foreach ($argument in $args) { $start.ArgumentList.Add("$argument") }
    $start.ArgumentList.Add('--only-show-errors')
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    $process = [System.Diagnostics.Process]::Start($start)
    $ended = $false
    try {
        $process.StandardInput.Close()
        $output = $process.StandardOutput.ReadToEndAsync()
        $message = $process.StandardError.ReadToEndAsync()
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        # In short waits, between which PowerShell looks for Ctrl+C.
        do { $ended = $process.WaitForExit(200) } until ($ended -or $clock.Elapsed.TotalSeconds -ge $AzTimeout)
    } finally {
        if (-not $ended) { $process.Kill($true) }
    }
    $process.WaitForExit()
    return [pscustomobject] @{
        Code = if ($ended) { $process.ExitCode } else { 124 }
        Output = $output.GetAwaiter().GetResult().Replace("`r", '').Trim()
        Message = $message.GetAwaiter().GetResult().Replace("`r", '').Trim()
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
        Stop-WithMessage "Azure has no ${what}: run 'pwsh scripts/provision.ps1', then run this again."
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
    if ($Code -eq 130) { exit 130 } # Ctrl+C
    [Console]::Error.WriteLine($Message)
    $remedy = switch -Regex -CaseSensitive ("$Code $Message") {
        '^124 ' { "The Azure CLI did not answer within $AzTimeout seconds: check the network, then run this again." }
        'az login|AADSTS' { "You are not signed in: run 'az login', then run this again." }
        'AuthorizationFailed|does not have authorization' { Get-MissingRight $Message }
        'MissingSubscriptionRegistration' { "The subscription lacks a resource provider: run 'pwsh scripts/provision.ps1', which registers it, then run this again." }
        'PrincipalNotFound' { 'The new identity is not available everywhere yet: wait some minutes, then run this again.' }
        'SkuNotAvailable|LocationNotAvailable|InvalidResourceLocation|InvalidResourceGroupLocation' { "LOCATION=$($Settings.LOCATION) does not fit: choose a region that offers the service, or the one in which the resource exists, then run this again." }
        'Quota|quota' { 'The quota of the subscription is used up: ask for more, or choose another LOCATION in scripts/settings.env, then run this again.' }
        'AlreadyTaken|already taken|already exists' { 'The name is taken: set APP_NAME or STORAGE_ACCOUNT in scripts/settings.env, then run this again.' }
        "No extension found|not in the '|is misspelled or not recognized" { "The Azure CLI lacks a command: run 'az extension add --name durabletask', update the CLI with 'az upgrade' (2.75 or newer), then run this again." }
        '^3 ' { "A resource does not exist: run 'pwsh scripts/provision.ps1', then run this again." }
        default { "The Azure CLI failed with exit code ${Code}: correct the error above, then run this again." }
    }
    Stop-WithMessage @($remedy)[0]
}

# Returns the right that Azure's message names, where it is missing, and the role that has it.
function Get-MissingRight([string] $Message) {
    $last = ($Message -split 'however')[-1] # which separates it from a right that you have
    if ($last -notmatch "action[^']*'([^']+)'[^']*scope[^']*'([^']+)'") {
        return "Your account may not do this: ask for the roles Contributor and Role Based Access Control Administrator on the resource group $($Settings.RESOURCE_GROUP), then run this again."
    }
    $action = $Matches[1]
    $scope = $Matches[2] -replace '/providers/Microsoft\.Authorization/.*'
    if ($action -like '*/register/action') {
        return "Your account may not do this: it lacks the right $action on $scope. Ask an Owner or Contributor of the subscription to run 'az provider register --namespace $(($action -split '/')[0])', then run this again."
    }
    if ($action -like 'Microsoft.Resources/subscriptions/resourceGroups/write') {
        return "Your account may not do this: it lacks the right $action on $scope. Ask an Owner or Contributor of the subscription to create the resource group $($Settings.RESOURCE_GROUP) and to give you the role Owner on it, then run this again."
    }
    $role = switch -Wildcard ($action) {
        'Microsoft.Authorization/*' { 'Role Based Access Control Administrator'; break }
        '*/read' { 'Reader' }
        default { 'Contributor' }
    }
    return "Your account may not do this: it lacks the right $action on $scope. Ask for the role $role there or on the resource group, then run this again."
}

# Reads the settings, and adds SUBSCRIPTION_ID, APP_NAME and STORAGE_ACCOUNT.
function Resolve-Setting {
    $Settings = Read-Setting @args
    Assert-Tool 'az' 'https://learn.microsoft.com/cli/azure/install-azure-cli'
    $Settings.SUBSCRIPTION_ID = Get-AzValue 'subscription' account show --query id
    # RG-Shop and rg-shop are one group, so both must give the same suffix.
    $suffix = Get-Suffix "$($Settings.SUBSCRIPTION_ID)/$($Settings.RESOURCE_GROUP)".ToLowerInvariant()
    $project = $Settings.PROJECT
    $start = $project.Substring(0, [Math]::Min(25, $project.Length)) -replace '-$', ''
    $letters = $project.Replace('-', '')
    $letters = $letters.Substring(0, [Math]::Min(16, $letters.Length))
    if (-not $Settings.APP_NAME) { $Settings.APP_NAME = "$start-$suffix" }
    if (-not $Settings.STORAGE_ACCOUNT) { $Settings.STORAGE_ACCOUNT = "st$letters$suffix" }
    return $Settings
}

function Assert-Setting([string] $Name) {
    $hyphenated = '[A-Za-z0-9]+(-[A-Za-z0-9]+)*'
    $address = '[0-9]+(\.[0-9]+){3}(/[0-9]+)?|[0-9A-Fa-f:]+:[0-9A-Fa-f:.]*(/[0-9]+)?'
    switch ($Name) {
        'PROJECT' { Assert-Name $Name 3 32 '[a-z][a-z0-9]*(-[a-z0-9]+)*' '3 to 32 lower-case letters, digits or single hyphens, starting with a letter' }
        'LOCATION' { Assert-Name $Name 2 64 '[a-z]+[a-z0-9]*' 'the short name of a region, as in centralus' }
        'RESOURCE_GROUP' { Assert-Name $Name 1 90 '[A-Za-z0-9_().-]*[A-Za-z0-9_()-]' '1 to 90 letters, digits, _ ( ) . or -, not ending in a dot' }
        { $_ -in 'SCHEDULER_NAME', 'TASK_HUB_NAME' } { Assert-Name $Name 3 64 $hyphenated '3 to 64 letters, digits or single hyphens, no hyphen at the ends' }
        'IDENTITY_NAME' { Assert-Name $Name 3 128 '[A-Za-z0-9][A-Za-z0-9_-]*' '3 to 128 letters, digits, _ or -, starting with a letter or digit' }
        'LOG_ANALYTICS_NAME' { Assert-Name $Name 4 63 '[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]' '4 to 63 letters, digits or hyphens, no hyphen at the ends' }
        'APP_INSIGHTS_NAME' { Assert-Name $Name 1 260 '[A-Za-z0-9_().-]*[A-Za-z0-9_()-]' '1 to 260 letters, digits, _ ( ) . or -, not ending in a dot' }
        'PLAN_NAME' { Assert-Name $Name 1 40 '[A-Za-z0-9-]+' '1 to 40 letters, digits or hyphens' }
        'APP_NAME' { Assert-Name $Name 2 60 '[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]' '2 to 60 letters, digits or hyphens, no hyphen at the ends' }
        'STORAGE_ACCOUNT' { Assert-Name $Name 3 24 '[a-z0-9]+' '3 to 24 lower-case letters or digits' }
        'IP_ALLOWLIST' { Assert-Name $Name 2 4000 "($address)( ($address))*" 'addresses in CIDR notation, separated by single spaces' }
    }
}

function Assert-Name([string] $Name, [int] $Shortest, [int] $Longest, [string] $Pattern, [string] $Rule) {
    $value = $Settings[$Name]
    if ($value.Length -lt $Shortest -or $value.Length -gt $Longest -or $value -cnotmatch "^($Pattern)\z") {
        Stop-WithMessage "$Name=$value is not possible: use $Rule. It is defined in scripts/settings.env or in the environment."
    }
}

function Get-Suffix([string] $Text) {
    $hash = [System.Security.Cryptography.SHA256]::HashData([System.Text.Encoding]::UTF8.GetBytes($Text))
    return [Convert]::ToHexString($hash).Substring(0, 6).ToLowerInvariant()
}

# Gives a principal a role. A new identity can need some minutes until it is available everywhere.
function Grant-Role([string] $Principal, [string] $Kind, [string] $Role, [string] $Scope) {
    for ($attempt = 1; $attempt -le $RetryAttempts; $attempt++) {
        $result = Invoke-AzBounded role assignment create --assignee-object-id $Principal `
            --assignee-principal-type $Kind --role $Role --scope $Scope --output none
        if ($result.Code -eq 0) { return }
        if (-not $result.Message.Contains('PrincipalNotFound')) { break }
        Start-Sleep -Seconds $RetryPause
    }
    if ($result.Message.Contains('PrincipalNotFound')) {
        Stop-WithMessage "Azure still does not find the identity ${Principal}: wait some minutes, then run this again."
    }
    # Somebody who may not assign roles can go on when the role is already assigned.
    if (-not ($result.Message.Contains('AuthorizationFailed') -and (Test-Role $Principal $Role $Scope))) {
        Exit-WithRemedy $result.Code $result.Message
    }
}

function Test-Role([string] $Principal, [string] $Role, [string] $Scope) {
    $found = Invoke-AzBounded role assignment list --assignee-object-id $Principal --role $Role --scope $Scope `
        --include-inherited --fill-principal-name false --query '[].id' --output tsv
    return [bool] $found.Output
}
