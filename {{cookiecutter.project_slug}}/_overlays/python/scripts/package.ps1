#Requires -Version 7.4
# Makes package/, which is what Azure runs: the app, and its packages for Linux and Python 3.13.
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

Set-Location (Join-Path $PSScriptRoot '..')
. (Join-Path $PSScriptRoot 'app.ps1')
Assert-AppTool

if (-not (Get-Command uv -CommandType Application -ErrorAction SilentlyContinue)) {
    Stop-WithMessage "uv is missing: create the virtual environment as the README shows under 'Run the tests'."
}

if (Test-Path package) { Remove-Item package -Recurse -Force }
$null = New-Item package -ItemType Directory
tar --create --file - --directory src --exclude-from src/.funcignore . |
    tar --extract --file - --directory package
if (-not (Test-Path package/host.json)) { Stop-WithMessage 'src/ could not be copied: tar says why.' }
uv pip install --quiet --requirements src/requirements.txt `
    --target package/.python_packages/lib/site-packages `
    --python-platform x86_64-manylinux_2_28 --python-version 3.13 --only-binary ':all:'
if ($LASTEXITCODE -ne 0) {
    Stop-WithMessage 'the packages of src/requirements.txt could not be installed: uv says why.'
}
