# shellcheck shell=bash
# Sourced by scripts/configure-github.sh: what it does on GitHub.

fail() {
    printf '%s\n' "$1" >&2
    exit 1
}

# Sets use_gh: without the GitHub CLI, people set the variables by hand.
check_repository() {
    [[ ${GITHUB_REPOSITORY:-} =~ ^[A-Za-z0-9_-]+/[A-Za-z0-9._-]+$ ]] ||
        fail "GITHUB_REPOSITORY must be <owner>/<repository>: set it, then run this again."
    use_gh=no
    if command -v gh >/dev/null && gh auth status >/dev/null 2>&1; then use_gh=yes; fi
}

# The subject of a token starts with the names of owner and repository; for repositories that were
# created, renamed or transferred since July 15, 2026, with their ids as well. GitHub knows which.
subject_prefix() {
    local prefix=${GITHUB_SUBJECT_PREFIX:-}
    if [ -z "$prefix" ] && [ "$use_gh" = yes ]; then
        prefix=$(gh api "repos/$GITHUB_REPOSITORY/actions/oidc/customization/sub" --jq '.sub_claim_prefix // ""') ||
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
            gh variable set "${variable%%=*}" --repo "$GITHUB_REPOSITORY" --body "${variable#*=}" ||
                fail "gh could not set the variable ${variable%%=*}: check its rights on $GITHUB_REPOSITORY, then run this again."
        fi
        echo "  $variable"
    done
    echo "A new identity needs some minutes. If the workflow still cannot sign in (AADSTS700213), the message names the subject of its token: set GITHUB_SUBJECT_PREFIX to what stands before ':environment', then run this again."
}
