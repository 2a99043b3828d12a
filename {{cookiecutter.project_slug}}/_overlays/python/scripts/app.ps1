# Dot-sourced by start.ps1 and package.ps1: what a Python app needs. The current folder is the project.

. (Join-Path $PSScriptRoot 'messages.ps1')

# Activates the virtual environment.
function Assert-AppTool {
    $activate = if ($IsWindows) { '.venv/Scripts/Activate.ps1' } else { '.venv/bin/Activate.ps1' }
    if (Test-Path $activate) {
        . $activate
    } elseif (-not $env:VIRTUAL_ENV) {
        Stop-WithMessage "The virtual environment is missing: create it as the README shows under 'Run the tests'."
    }
}

function Initialize-App {
    # The virtual environment has the packages.
}
