# Dot-sourced by start.ps1 and package.ps1: what a .NET app needs. The current folder is the project.

. (Join-Path $PSScriptRoot 'messages.ps1')

function Assert-AppTool {
    Assert-Tool dotnet https://dotnet.microsoft.com/download
}

function Initialize-App {
    # The Core Tools build the app.
}
