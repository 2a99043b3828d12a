# shellcheck shell=bash
# Sourced by scripts/configure-github.sh: what it does on GitHub.

# shellcheck source=/dev/null
source "$(dirname "${BASH_SOURCE[0]}")/messages.sh"

# Runs gh. The gh of Windows, called from bash in WSL, ends lines in CR LF.
run_gh() {
    gh "$@" </dev/null | tr -d '\r'
}

# Sets use_gh, and spells GITHUB_REPOSITORY as GitHub does. Microsoft Entra compares names letter by
# letter, GitHub does not.
find_repository() {
    local repository=${GITHUB_REPOSITORY:-} origin
    [[ $repository =~ ^[A-Za-z0-9_-]+/[A-Za-z0-9._-]+$ ]] ||
        fail "GITHUB_REPOSITORY must be <owner>/<repository>: set it, then run this again."
    use_gh=no
    if command -v gh >/dev/null && gh auth status >/dev/null 2>&1; then use_gh=yes; fi
    if [ "$use_gh" = yes ]; then
        GITHUB_REPOSITORY=$(run_gh repo view "$repository" --json nameWithOwner --jq .nameWithOwner) ||
            fail "gh could not read $repository: create it on GitHub or check your rights, then run this again."
        return
    fi
    [ -z "${GITHUB_SUBJECT_PREFIX:-}" ] || return 0
    origin=$(origin_of_git)
    if [ "$origin" != "$repository" ] && (shopt -s nocasematch && [[ $origin == "$repository" ]]); then
        fail "GITHUB_REPOSITORY=$repository, but the remote 'origin' is $origin: Microsoft Entra distinguishes upper and lower case, so spell both as GitHub shows them at the top of the repository's page, then run this again."
    fi
    echo "gh is not installed or not signed in: compare $repository with the top of its page on GitHub, including upper and lower case. Microsoft Entra refuses another spelling."
}

# Prints <owner>/<repository> of the remote 'origin'; nothing when there is none.
origin_of_git() {
    { git -C "$(dirname "${BASH_SOURCE[0]}")" remote get-url origin 2>/dev/null || true; } | tr -d '\r' |
        sed -n -e 's|\.git$||' -e 's|^.*github\.com[:/]||p'
}

# The subject of a token starts with the names of owner and repository; for repositories that were
# created, renamed or transferred since July 15, 2026, with their ids as well. GitHub's API returns the form that applies.
subject_prefix() {
    local prefix=${GITHUB_SUBJECT_PREFIX:-}
    if [ -z "$prefix" ] && [ "$use_gh" = yes ]; then
        prefix=$(run_gh api "repos/$GITHUB_REPOSITORY/actions/oidc/customization/sub" --jq '.sub_claim_prefix // ""') ||
            fail "gh could not read $GITHUB_REPOSITORY: create it on GitHub or check your rights, then run this again."
    fi
    printf '%s' "${prefix:-repo:$GITHUB_REPOSITORY}"
}

# The arguments are NAME=value.
publish_variables() {
    local variable
    if [ "$use_gh" = yes ]; then
        echo "Variables of $GITHUB_REPOSITORY, set with gh:"
    else
        echo "Set these variables of $GITHUB_REPOSITORY (Settings, Secrets and variables, Actions, Variables):"
    fi
    for variable in "$@"; do
        if [ "$use_gh" = yes ]; then
            run_gh variable set "${variable%%=*}" --repo "$GITHUB_REPOSITORY" --body "${variable#*=}" ||
                fail "gh could not set the variable ${variable%%=*}: check its rights on $GITHUB_REPOSITORY, then run this again."
        fi
        echo "  $variable"
    done
    echo "A new identity needs some minutes. If the workflow still cannot sign in (AADSTS700213), the message names the subject of its token: set GITHUB_SUBJECT_PREFIX to what stands before ':environment', then run this again."
}
