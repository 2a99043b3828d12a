# Dot-sourced by start.ps1 and package.ps1: what a Node.js app needs. The current folder is the project.

. (Join-Path $PSScriptRoot 'messages.ps1')

function Assert-AppTool {
    Assert-Tool npm https://nodejs.org
}

# Installs the packages once, and compiles what has to be compiled.
function Initialize-App {
    if (-not (Test-Path src/node_modules)) {
        npm ci --prefix src
        if ($LASTEXITCODE -ne 0) { Stop-WithMessage 'The packages could not be installed: see the messages of npm above.' }
    }
    npm run build --if-present --prefix src
    if ($LASTEXITCODE -ne 0) { Stop-WithMessage 'The app does not compile: correct the errors above.' }
}
