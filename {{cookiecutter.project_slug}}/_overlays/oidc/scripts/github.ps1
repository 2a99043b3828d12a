# Read by scripts/configure-github.ps1: what it does on GitHub.

function Stop-WithMessage([string] $Message) {
    [Console]::Error.WriteLine($Message)
    exit 1
}

# Without the GitHub CLI, people set the variables by hand.
function Test-GitHubCli {
    if (-not (Get-Command gh -CommandType Application -ErrorAction SilentlyContinue)) { return $false }
    gh auth status *> $null
    return $LASTEXITCODE -eq 0
}

function Get-Repository {
    if ("$env:GITHUB_REPOSITORY" -cnotmatch '^[A-Za-z0-9_-]+/[A-Za-z0-9._-]+$') {
        Stop-WithMessage 'GITHUB_REPOSITORY must be <owner>/<repository>: set it, then run this again.'
    }
    return $env:GITHUB_REPOSITORY
}

# The subject of a token starts with the names of owner and repository; for repositories that were
# created, renamed or transferred since July 15, 2026, with their ids as well. GitHub knows which.
function Get-SubjectPrefix([string] $Repository, [bool] $UseGh) {
    $prefix = $env:GITHUB_SUBJECT_PREFIX
    if (-not $prefix -and $UseGh) {
        $prefix = gh api "repos/$Repository/actions/oidc/customization/sub" --jq '.sub_claim_prefix // ""'
        if ($LASTEXITCODE -ne 0) {
            Stop-WithMessage "gh could not read ${Repository}: create it on GitHub or check your rights, then run this again."
        }
    }
    if ($prefix) { return $prefix }
    return "repo:$Repository"
}

function Publish-Variable([string] $Repository, [bool] $UseGh, [Collections.IDictionary] $Variables) {
    if ($UseGh) {
        Write-Output "Variables of ${Repository}, set with gh:"
    } else {
        Write-Output "Set these variables of $Repository (Settings, Secrets and variables, Actions, Variables):"
    }
    foreach ($variable in $Variables.GetEnumerator()) {
        if ($UseGh) {
            gh variable set $variable.Key --repo $Repository --body $variable.Value
            if ($LASTEXITCODE -ne 0) {
                Stop-WithMessage "gh could not set the variable $($variable.Key): check its rights on $Repository, then run this again."
            }
        }
        Write-Output "  $($variable.Key)=$($variable.Value)"
    }
    Write-Output "A new identity needs some minutes. If the workflow still cannot sign in (AADSTS700213), the message names the subject of its token: set GITHUB_SUBJECT_PREFIX to what stands before ':environment', then run this again."
}
