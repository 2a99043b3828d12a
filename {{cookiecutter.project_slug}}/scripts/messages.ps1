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
