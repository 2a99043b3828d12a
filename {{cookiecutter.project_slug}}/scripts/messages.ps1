# Dot-sourced by the scripts of this folder: what they print, and how they end.

function Stop-WithMessage([string] $Message) {
    [Console]::Error.WriteLine($Message)
    exit 1
}

# Ends the script when a program is not on PATH. The second argument says where to get it.
function Assert-Tool([string] $Name, [string] $Source) {
    if (-not (Get-Command $Name -CommandType Application -ErrorAction SilentlyContinue)) {
        Stop-WithMessage "$Name is missing: install it, see $Source"
    }
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

# Returns a number of the environment, or the default. Ends the script when it is not a whole number in the range.
function Read-Number([string] $Name, [int] $Default, [int] $Lowest, [int] $Highest) {
    $value = [Environment]::GetEnvironmentVariable($Name)
    if (-not $value) { return $Default }
    if ($value -cnotmatch '^(0|[1-9][0-9]{0,4})\z' -or [int] $value -lt $Lowest -or [int] $value -gt $Highest) {
        Stop-WithMessage "$Name=$value is not possible: use a whole number from $Lowest to $Highest. It is defined in the environment."
    }
    return [int] $value
}
