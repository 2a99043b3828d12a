# Dot-sourced by doctor.ps1: what the files of this project contain, read as text.

# Returns a file without what editors on Windows add: CR, and a byte order mark.
function Get-FileText([string] $File) {
    return [IO.File]::ReadAllText((Join-Path $PSScriptRoot .. $File)).Replace("`r", '')
}

# Returns a script, a Bicep file or a YAML file without comments.
function Get-Code([string] $File) {
    return (Get-FileText $File) -creplace '(?m)(^|[ \t])(#|//).*'
}

# Whether a file exists; its name can be a pattern.
function Test-ProjectFile([string] $File) {
    return Test-Path (Join-Path $PSScriptRoot .. $File) -PathType Leaf
}

# JSON -----------------------------------------------------------------------------------------

# Returns each token of a JSON file, without comments.
function Get-Token([string] $File) {
    $pattern = '"([^"\\\n]|\\.)*"|//.*|[][{}:,]|[^][{}:,"/ \t\n\v\f]+|["/]'
    return [regex]::Matches((Get-FileText $File), $pattern).ForEach('Value').Where({ -not $_.StartsWith('//') })
}

# Whether a file is JSON: lists and objects of scalars (s is a string) become 0, until one 0 remains.
function Test-JsonFile([string] $File) {
    $shape = -join ((Get-Token $File) -creplace '^".*"$', 's' -creplace '^(true|false|null|-?[0-9][0-9.eE+-]*)$', '0')
    $shape = $shape -creplace ',([]}])', '$1'
    do {
        $before = $shape
        $shape = $shape -creplace '\{(s:[s0](,s:[s0])*)?\}|\[([s0](,[s0])*)?\]', '0'
    } until ($shape -ceq $before)
    return $shape -ceq '0'
}

# Returns each value of a JSON file by its path, as in /Values/TASKHUB_NAME: "default" with its quotes.
function Get-JsonValue([string] $File) {
    $values = [Collections.Specialized.OrderedDictionary]::new()
    $names = @{}
    $depth = 0
    $isValue = $false
    foreach ($token in Get-Token $File) {
        if ($token -ceq ':') {
            $names[$depth] = $last -creplace '^"|"$'
            $isValue = $true
            continue
        }
        if ($isValue) {
            $values['/' + ((1..$depth).ForEach({ $names[$_] }) -join '/')] = $token
            $isValue = $false
        }
        if ($token -in '{', '[') { $depth++ }
        if ($token -in '}', ']') { $depth-- }
        $last = $token
    }
    return $values
}

# Returns each entry of a JSON file or of a file with a NAME=value in each line.
function Get-Entry([string] $File) {
    if (-not $File.EndsWith('.json')) { return (Get-FileText $File) -split "`n" }
    return (Get-JsonValue $File).GetEnumerator().ForEach({ "$($_.Key)=$($_.Value)" })
}

# Returns the value of a key of a connection string, in lower case: Azure compares both without it.
function Get-Part([string] $Connection, [string] $Key) {
    return @($Connection.ToLowerInvariant() -split ';').Where({ $_.StartsWith("$Key=") }) -creplace '^[^=]*='
}

# The app and the emulators ----------------------------------------------------------------------

# Returns the worker runtime of the app.
function Get-Worker {
    if (Test-ProjectFile src/function_app.py) { return 'python' }
    if (Test-ProjectFile src/*.csproj) { return 'dotnet-isolated' }
    if (Test-ProjectFile src/package.json) { return 'node' }
}

# Returns the ports of this computer for a port of a container, separated by |, when the file has numbers.
function Get-PublishedPort([string] $File, [string] $Port) {
    $found = [regex]::Matches((Get-Code $File), "(?m)^.*[^0-9\n]([0-9]+):$Port([^0-9\n].*)?$")
    return $found.ForEach({ $_.Groups[1].Value }) -join '|'
}

# Returns the task hubs of the emulator, separated by commas, when the file has their names.
function Get-TaskHub([string] $File) {
    $code = Get-Code $File
    if ($code -cmatch 'DTS_USE_DYNAMIC_TASK_HUBS["'']?[:=] *["'']?true') { return }
    if ($code -cmatch '(?m)DTS_TASK_HUB_NAMES["'']?[:=] *["'']?([A-Za-z0-9, -]*)["'']? *$') {
        return $Matches[1].Replace(' ', '')
    }
}

# Provisioning -----------------------------------------------------------------------------------

# Returns the file that creates the app whose settings another file writes.
function Get-Creator([string] $File) {
    return $File -creplace '^scripts/.*\.', 'scripts/provision.'
}

# Returns each name that a file sets: NAME=… in scripts, NAME: … or name: 'NAME' in Bicep.
function Get-NameSet([string] $File) {
    $code = (Get-Code $File) -creplace "name:[ \t]*'([A-Za-z_][A-Za-z0-9_]*)'", '$1:'
    $found = [regex]::Matches($code, "(?m)(^|[ \t""'{(,.])([A-Za-z_][A-Za-z0-9_]*)('?[ \t]*:|=)")
    return $found.ForEach({ $_.Groups[2].Value })
}

# Returns each worker runtime that a file gives the app.
function Get-WorkerSet([string] $File) {
    $pattern = "(--runtime |FUNCTIONS_WORKER_RUNTIME[:=] *'?|runtime: \{ name: ')([a-z-]+)"
    return [regex]::Matches((Get-Code $File), $pattern).ForEach({ $_.Groups[2].Value })
}

function Get-Plan([string] $File) {
    switch -Regex -CaseSensitive (Get-Code $File) {
        "--flexconsumption-location|'FlexConsumption'" { return 'flex-consumption' }
        "--sku EP|'ElasticPremium'" { return 'premium' }
        'functionapp plan create|Microsoft.Web/serverfarms' { return 'app-service' }
    }
}

function Get-Identity([string] $File) {
    switch -Regex -CaseSensitive (Get-Code $File) {
        ", UserAssigned'" { return } # both kinds
        "\[system\]|'SystemAssigned'" { return 'system-assigned' }
        "--assign-identity|'UserAssigned'" { return 'user-assigned' }
    }
}

# Returns each connection string for a managed identity that a file writes.
function Get-ConnectionString([string] $File) {
    return [regex]::Matches((Get-Code $File), '[^"''\n]*;Authentication=ManagedIdentity[^"''\n]*').ForEach('Value')
}
