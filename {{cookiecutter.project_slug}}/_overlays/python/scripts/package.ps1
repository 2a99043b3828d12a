#Requires -Version 7.4
# Makes package/, which is what Azure runs: the app, and its packages for Linux and Python 3.13.
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $false # whatever the session has

function Stop-WithMessage([string] $Message) {
    [Console]::Error.WriteLine($Message)
    exit 1
}

Push-Location (Join-Path $PSScriptRoot '..')
try {
    $uv = if ($IsWindows) { '.venv/Scripts/uv.exe' } else { '.venv/bin/uv' }
    if (-not (Test-Path $uv)) { $uv = 'uv' }
    if (-not (Get-Command $uv -CommandType Application -ErrorAction SilentlyContinue)) {
        Stop-WithMessage "uv is missing: make the virtual environment as the README shows under 'Test it'."
    }

    if (Test-Path package) { Remove-Item package -Recurse -Force }
    $null = New-Item package -ItemType Directory
    tar --create --file - --directory src --exclude-from src/.funcignore . |
        tar --extract --file - --directory package
    if (-not (Test-Path package/host.json)) { Stop-WithMessage 'src/ could not be copied: tar says why.' }
    & $uv pip install --quiet --requirements src/requirements.txt `
        --target package/.python_packages/lib/site-packages `
        --python-platform x86_64-manylinux_2_28 --python-version 3.13 --only-binary ':all:'
    if ($LASTEXITCODE -ne 0) {
        Stop-WithMessage 'the packages of src/requirements.txt could not be installed: uv says why.'
    }
} finally {
    Pop-Location
}
exit 0
