# Dot-sourced by scripts/configure-github.ps1: what it does on GitHub.

. (Join-Path $PSScriptRoot 'messages.ps1')

# Without the GitHub CLI, people set the variables by hand.
function Test-GitHubCli {
    if (-not (Get-Command gh -CommandType Application -ErrorAction SilentlyContinue)) { return $false }
    gh auth status *> $null
    return $LASTEXITCODE -eq 0
}

# Returns the repository, and whether gh can be used. Microsoft Entra compares names letter by
# letter, GitHub does not, so the spelling must be that of GitHub.
function Find-Repository {
    $repository = "$env:GITHUB_REPOSITORY"
    if ($repository -cnotmatch '^[A-Za-z0-9_-]+/[A-Za-z0-9._-]+\z') {
        Stop-WithMessage 'GITHUB_REPOSITORY must be <owner>/<repository>: set it, then run this again.'
    }
    $useGh = Test-GitHubCli
    if ($useGh) {
        $spelled = gh repo view $repository --json nameWithOwner --jq .nameWithOwner
        if ($LASTEXITCODE -ne 0) {
            Stop-WithMessage "gh could not read ${repository}: create it on GitHub or check your rights, then run this again."
        }
        return $spelled, $useGh
    }
    if ($env:GITHUB_SUBJECT_PREFIX) { return $repository, $useGh }
    $origin = Get-Origin
    if ($origin -cne $repository -and $origin -eq $repository) {
        Stop-WithMessage "GITHUB_REPOSITORY=$repository, but the remote 'origin' is ${origin}: Microsoft Entra distinguishes upper and lower case, so spell both as GitHub shows them at the top of the repository's page, then run this again."
    }
    [Console]::Out.WriteLine("gh is not installed or not signed in: compare $repository with the top of its page on GitHub, including upper and lower case. Microsoft Entra refuses another spelling.")
    return $repository, $useGh
}

# Returns <owner>/<repository> of the remote 'origin'; nothing when there is none.
function Get-Origin {
    if (-not (Get-Command git -CommandType Application -ErrorAction SilentlyContinue)) { return '' }
    $url = git -C $PSScriptRoot remote get-url origin 2> $null
    if ("$url" -notmatch 'github\.com[:/](.+?)(\.git)?$') { return '' }
    return $Matches[1]
}

# The subject of a token starts with the names of owner and repository; for repositories that were
# created, renamed or transferred since July 15, 2026, with their ids as well. GitHub's API returns the form that applies.
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
