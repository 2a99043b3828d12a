# Dot-sourced by start.ps1 and package.ps1: what a Python app needs. The current folder is the project.

. (Join-Path $PSScriptRoot 'messages.ps1')

# Uses the virtual environment. Activate.ps1 would also change the prompt of your session.
function Assert-AppTool {
    $programs = Join-Path $PWD $(if ($IsWindows) { '.venv/Scripts' } else { '.venv/bin' })
    if (Test-Path $programs) {
        $env:PATH = $programs + [IO.Path]::PathSeparator + $env:PATH
        $env:VIRTUAL_ENV = Split-Path $programs
    } elseif (-not $env:VIRTUAL_ENV) {
        Stop-WithMessage "The virtual environment is missing: create it as the README shows under 'Run the tests'."
    }
}

function Initialize-App {
    # The virtual environment has the packages.
}
