# Finds settings of this project that do not agree: locally, in the emulators and in Azure.
#
# Usage: pwsh scripts/doctor.ps1
#
# Reads files only. docs/settings.md lists the rules by the ids of the findings.

#Requires -Version 7.4
param([switch] $Help, [Parameter(ValueFromRemainingArguments)] [string[]] $Others)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
. (Join-Path $PSScriptRoot 'messages.ps1')
. (Join-Path $PSScriptRoot 'project-files.ps1')
Read-Argument $PSCommandPath $Help $Others

$HostFile = 'src/host.json'
$Example = 'src/local.settings.example.json'
$Local = 'src/local.settings.json'
if (-not (Test-ProjectFile $Local)) { $Local = $Example }
$Compose = 'compose.yaml'
$Plans = 'scripts/hosting-plans.txt'

$Name = '[A-Za-z_][A-Za-z0-9_]*' # of a setting
$Version = '^[0-9]+(\.[0-9]+){1,3}\z'
$Bundle = '^Microsoft\.Azure\.Functions\.ExtensionBundle \[4\.(\*|(3[0-9]|[4-9][0-9]|[1-9][0-9][0-9])\.[0-9]+), *5\.0\.0\)\z'
$Key = '["=;?&](AccountKey|SharedAccessKey|SharedAccessSignature|sig|code|ClientSecret|Password|Pwd)='

$Findings = [Collections.Generic.List[string]]::new()
$Readable = [Collections.Generic.List[string]]::new() # the files that exist and are valid

# Adds a finding: its id, the file, what is wrong, and the fix.
function Add-Finding([string] $Id, [string] $File, [string] $Wrong, [string] $Fix) {
    $Findings.Add("$Id ${File}: ${Wrong}: $Fix.")
}

function Test-Readable([string[]] $Files) {
    return -not $Files.Where({ -not $Readable.Contains($_) })
}

# Returns a value of host.json by its path.
function Get-Option([string] $Path) {
    return "$($HostValues[$Path])" -creplace '^"|"$'
}

# Returns a local setting by its name.
function Get-Setting([string] $Setting) {
    return "$($LocalValues["/Values/$Setting"])" -creplace '^"|"$'
}

# Returns the name of the setting that holds the connection string of the scheduler.
function Get-ConnectionName {
    $given = Get-Option /extensions/durableTask/storageProvider/connectionStringName
    return $given ? $given : 'DURABLE_TASK_SCHEDULER_CONNECTION_STRING'
}

# Whether the local app uses a scheduler in Azure, not the emulator.
function Test-UseOfAzure {
    return "$(Get-Part (Get-Setting (Get-ConnectionName)) endpoint)".StartsWith('https://')
}

# Rules ------------------------------------------------------------------------------------------

# DOC001
function Test-File {
    $files = @($HostFile, $Example, $Compose, $Plans)
    if ($Local -ne $Example) { $files += $Local }
    foreach ($shell in 'sh', 'ps1') {
        if (Test-ProjectFile "scripts/provision.$shell") {
            $files += "scripts/provision.$shell", "scripts/configure-identity.$shell"
        }
    }
    if (Test-ProjectFile 'scripts/provision.*') { $files += 'scripts/settings.env' }
    if (Test-ProjectFile 'infra/main.*') { $files += 'infra/main.bicep', 'infra/main.parameters.json' }
    foreach ($file in $files) {
        if (-not (Test-ProjectFile $file)) {
            Add-Finding DOC001 $file 'the file is missing' 'restore it from the repository'
        } elseif ($file.EndsWith('.json') -and -not (Test-JsonFile $file)) {
            Add-Finding DOC001 $file 'the file is not valid JSON' 'correct its braces, quotes and commas'
        } else {
            $Readable.Add($file)
        }
    }
}

# Reports where a setting that host.json reads has no value.
function Test-Setting([string] $Id, [string] $Setting) {
    if (-not (Get-Setting $Setting)) {
        Add-Finding $Id $Local "$Setting has no value, and $HostFile reads it" 'add it to Values'
    }
    foreach ($source in $Sources) {
        # Azure sets WEBSITE_…
        if ($Setting -cnotlike 'WEBSITE_*' -and $Setting -notin (Get-NameSet $source)) {
            Add-Finding $Id $source "$Setting has no value, and $HostFile reads it" 'add it to the app settings'
        }
    }
}

# DOC002
function Test-Placeholder {
    $found = [regex]::Matches((Get-Token $HostFile) -join "`n", "%($Name)%").ForEach({ $_.Groups[1].Value })
    foreach ($setting in $found | Select-Object -Unique) { Test-Setting DOC002 $setting }
}

# DOC003
function Test-TaskHub {
    if ((Get-Option /extensions/durableTask/hubName) -cnotmatch "^%($Name)%$") {
        Add-Finding DOC003 $HostFile 'hubName does not refer to a setting' 'use "%TASKHUB_NAME%"'
        return
    }
    $setting = $Matches[1]
    $hub = Get-Setting $setting
    $hubs = Get-TaskHub $Compose
    if ($hub -and $hubs -and -not (Test-UseOfAzure) -and $hub -cnotin ($hubs -split ',')) {
        Add-Finding DOC003 $Local "$setting is not the task hub that $Compose creates" "use $hubs, or change DTS_TASK_HUB_NAMES there"
    }
}

# DOC004
function Test-Provider {
    if ((Get-Option /extensions/durableTask/storageProvider/type) -ne 'azureManaged') {
        Add-Finding DOC004 $HostFile 'storageProvider.type is not the Durable Task Scheduler' 'use "azureManaged"'
    }
    if ((Get-ConnectionName) -cmatch "^$Name$") {
        Test-Setting DOC004 (Get-ConnectionName)
    } else {
        Add-Finding DOC004 $HostFile 'connectionStringName is not the name of a setting' 'use "DURABLE_TASK_SCHEDULER_CONNECTION_STRING"'
    }
}

# DOC005
function Test-LocalConnection {
    $setting = Get-ConnectionName
    $connection = Get-Setting $setting
    if (-not $connection) { return }
    $authentication = "$(Get-Part $connection authentication)"
    $ports = Get-PublishedPort $Compose 8080
    if (Test-UseOfAzure) {
        if ($authentication -cmatch '^(none|managedidentity)?$') {
            Add-Finding DOC005 $Local "$setting cannot sign in to Azure from this computer" 'use Authentication=DefaultAzure'
        }
    } elseif ("$(Get-Part $connection endpoint)" -cnotmatch "^http://(localhost|127\.0\.0\.1):($($ports ? $ports : '[0-9]+'))/?$" -or $authentication -ne 'none') {
        Add-Finding DOC005 $Local "$setting is not that of the emulator" "use Endpoint=http://localhost:$($ports ? ($ports -split '\|')[0] : 8080);Authentication=None"
    }
}

# DOC006
function Test-Storage {
    $value = Get-Setting AzureWebJobsStorage
    if ($value -clike '*AccountName=devstoreaccount1*') { return } # the emulator, on other ports
    if (($value -creplace ';$') -cne 'UseDevelopmentStorage=true') {
        Add-Finding DOC006 $Local 'AzureWebJobsStorage is not the emulator' 'use UseDevelopmentStorage=true'
        return
    }
    foreach ($port in '10000', '10001', '10002') {
        $ports = @((Get-PublishedPort $Compose $port) -split '\|')
        if ($ports[0] -and $port -notin $ports) {
            Add-Finding DOC006 $Compose "storage has port $($ports[0]), and UseDevelopmentStorage=true means $port" "publish ${port}:$port"
        }
    }
}

# DOC007
function Test-Worker {
    $app = Get-Worker
    if (-not $app) { return }
    if ((Get-Setting FUNCTIONS_WORKER_RUNTIME) -cne $app) {
        Add-Finding DOC007 $Local 'FUNCTIONS_WORKER_RUNTIME is not that of the app' "use $app"
    }
    foreach ($creator in $Sources.ForEach({ Get-Creator $_ })) {
        foreach ($found in (Get-WorkerSet $creator).Where({ $_ -cne $app })) {
            Add-Finding DOC007 $creator "the runtime $found is not that of the app" "use $app"
        }
    }
}

# DOC008
function Test-Type {
    foreach ($path in $LocalValues.Keys) {
        if ($path -cmatch '^/Values/([^/]*)$' -and -not $LocalValues[$path].StartsWith('"')) {
            Add-Finding DOC008 $Local "$($Matches[1]) is not a text" 'put its value in quotes'
        }
    }
}

# DOC009
function Test-Key {
    foreach ($file in @('src/local.settings.json', $Example, 'scripts/settings.env').Where({ Test-Readable $_ })) {
        foreach ($entry in Get-Entry $file) {
            if ($entry -match $Key -and $entry -cnotlike '*AccountName=devstoreaccount1*') {
                Add-Finding DOC009 $file "$($entry -creplace '(?s)=.*' -creplace '^.*/') has a key" 'remove it, and use an identity'
            }
        }
    }
}

# DOC010
function Test-Bundle {
    $app = Get-Worker
    $found = "$(Get-Option /extensionBundle/id) $(Get-Option /extensionBundle/version)"
    if ($app -eq 'dotnet-isolated' -and $HostValues.Contains('/extensionBundle')) {
        Add-Finding DOC010 $HostFile 'extensionBundle is for other languages than C#' 'remove it'
    }
    if ($app -in 'python', 'node' -and $found -cnotmatch $Bundle) {
        Add-Finding DOC010 $HostFile 'extensionBundle lacks the Durable Task Scheduler' 'use "Microsoft.Azure.Functions.ExtensionBundle" in version "[4.36.0, 5.0.0)"'
    }
}

# DOC011
function Test-ClientId {
    foreach ($source in $Sources) {
        $connection = Get-ConnectionString $source
        if (-not $connection) { continue }
        $hasId = [bool] ("$connection" -match 'clientid=')
        $identity = Get-Identity (Get-Creator $source)
        if ($identity -eq 'user-assigned' -and -not $hasId) {
            Add-Finding DOC011 $source 'the identity is user-assigned, and the connection string has no ClientID' 'add it'
        }
        if ($identity -eq 'system-assigned' -and $hasId) {
            Add-Finding DOC011 $source 'the identity is system-assigned, and the connection string has a ClientID' 'remove it'
        }
    }
}

# DOC012
function Test-Plan {
    foreach ($source in $Sources) {
        $plan = Get-Plan (Get-Creator $source)
        $refused = (Get-FileText $Plans) -split "`n" | Where-Object { $_.StartsWith("$plan ") } | ForEach-Object { ($_ -split ' ')[1] }
        foreach ($file in (Get-Creator $source), $source | Select-Object -Unique) {
            foreach ($found in Get-NameSet $file | Select-Object -Unique) {
                if ($found -in $refused) { Add-Finding DOC012 $file "$found is not for the plan $plan" 'remove it' }
            }
        }
    }
}

# DOC013
function Test-Version {
    $found = Get-Option /extensions/durableTask/defaultVersion
    if ($found -and $found -cnotmatch $Version) {
        Add-Finding DOC013 $HostFile 'defaultVersion is not a number with a dot' 'use a version such as "2.0"'
    }
    Test-Strategy versionMatchStrategy 'none|strict|currentorolder' 'None, Strict or CurrentOrOlder'
    Test-Strategy versionFailureStrategy 'reject|fail' 'Reject or Fail'
}

# Reports a strategy that the Functions host does not have.
function Test-Strategy([string] $Strategy, [string] $Known, [string] $Choices) {
    $found = Get-Option "/extensions/durableTask/$Strategy"
    if ($found -and $found -notmatch "^($Known)\z") {
        Add-Finding DOC013 $HostFile "$Strategy has an unknown value" "use $Choices"
    }
}

# Applies a rule when the files that it needs can be read.
function Invoke-Rule([string] $Rule, [string[]] $Files) {
    if (Test-Readable $Files) { & $Rule }
}

Test-File
$HostValues = if (Test-Readable $HostFile) { Get-JsonValue $HostFile }
$LocalValues = if (Test-Readable $Local) { Get-JsonValue $Local }
$Sources = @('scripts/configure-identity.sh', 'scripts/configure-identity.ps1', 'infra/main.bicep').Where({
        Test-Readable $_, (Get-Creator $_)
    })
Invoke-Rule Test-Placeholder $HostFile, $Local
Invoke-Rule Test-TaskHub $HostFile, $Local, $Compose
Invoke-Rule Test-Provider $HostFile, $Local
Invoke-Rule Test-LocalConnection $HostFile, $Local, $Compose
Invoke-Rule Test-Storage $Local, $Compose
Invoke-Rule Test-Worker $Local
Invoke-Rule Test-Type $Local
Invoke-Rule Test-Key
Invoke-Rule Test-Bundle $HostFile
Invoke-Rule Test-ClientId
Invoke-Rule Test-Plan $Plans
Invoke-Rule Test-Version $HostFile

if ($Findings) { Stop-WithMessage ($Findings -join [Environment]::NewLine) }
Write-Output 'The settings agree: no findings.'
exit 0
