# Sourced by the scripts of this folder: settings, messages, and guards around the Azure CLI.
# shellcheck shell=bash

# shellcheck source=/dev/null
source "$(dirname "${BASH_SOURCE[0]}")/messages.sh"

# Git Bash on Windows takes the ids of Azure resources for paths.
export MSYS2_ARG_CONV_EXCL=/subscriptions
trap 'exit 130' INT

SCRIPTS=$(CDPATH="" cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
SETTINGS=(PROJECT LOCATION RESOURCE_GROUP SCHEDULER_NAME TASK_HUB_NAME IDENTITY_NAME LOG_ANALYTICS_NAME
    APP_INSIGHTS_NAME PLAN_NAME APP_NAME STORAGE_ACCOUNT IP_ALLOWLIST)

# Seconds that one call of the Azure CLI may take; attempts, and seconds between them, where Azure
# needs time until a new identity, role or app is available everywhere.
AZ_TIMEOUT=${AZ_TIMEOUT:-1800}
RETRY_ATTEMPTS=${RETRY_ATTEMPTS:-40}
RETRY_PAUSE=${RETRY_PAUSE:-15}

# Reads settings.env, and checks every value before anything is created. Environment variables take
# precedence. The arguments are the settings that only some projects have.
load_settings() {
    local name foreign=""
    for name in "${SETTINGS[@]}"; do
        [ -z "${!name:-}" ] || foreign="$foreign $name"
    done
    read_settings_file
    for name in PROJECT LOCATION RESOURCE_GROUP SCHEDULER_NAME TASK_HUB_NAME LOG_ANALYTICS_NAME \
        APP_INSIGHTS_NAME IP_ALLOWLIST "$@"; do
        [ -n "${!name:-}" ] || fail "$name has no value: set it in scripts/settings.env."
    done
    for name in "${SETTINGS[@]}"; do
        [ -z "${!name:-}" ] || check_setting "$name"
    done
    check_number AZ_TIMEOUT 1 86400
    check_number RETRY_ATTEMPTS 1 1000
    check_number RETRY_PAUSE 0 3600
    [ -z "$foreign" ] || say "From the environment, not from scripts/settings.env:$foreign"
}

read_settings_file() {
    local line name seen=" "
    [ -f "$SCRIPTS/settings.env" ] || fail "scripts/settings.env is missing: restore it from the repository."
    while IFS= read -r line || [ -n "$line" ]; do
        line=${line#$'\xef\xbb\xbf'} # some editors on Windows start a file with it
        line=${line%$'\r'}
        [[ -n $line && $line != "#"* ]] || continue
        name=${line%%=*}
        [[ $line == *=* && " ${SETTINGS[*]} " == *" $name "* ]] ||
            fail "The line '$line' of scripts/settings.env is not possible: use NAME=value, with one of the names ${SETTINGS[*]}."
        [[ $seen != *" $name "* ]] || fail "scripts/settings.env has $name twice: delete one of the lines."
        seen="$seen$name "
        [ -n "${!name:-}" ] || printf -v "$name" '%s' "${line#*=}"
    done <"$SCRIPTS/settings.env"
}

# Runs az without a terminal: a question of az is an error then, not a wait for ever. The az of
# Windows, called from bash in WSL, ends lines in CR LF.
az_bounded() {
    bounded az "$@" --only-show-errors </dev/null | LC_ALL=C tr -d '\r'
}

# Runs a command for AZ_TIMEOUT seconds at most; exit code 124 means that they were not enough. The
# command has a process group of its own, so that Ctrl+C and the limit end it with all that it has
# started. macOS has no program 'timeout', and that of Linux does not let Ctrl+C through.
bounded() (
    set -m
    "$@" &
    command=$!
    exec 2>/dev/null # bash reports what it kills
    { sleep "$AZ_TIMEOUT" && kill -- "-$command"; } >/dev/null 3>&- &
    limit=$!
    trap 'kill -- "-$command" "-$limit"; exit 130' INT TERM HUP
    code=0
    wait "$command" || code=$?
    kill -- "-$limit" || true
    [ "$code" -ne 143 ] || code=124 # the limit ended it
    exit "$code"
)

# Runs az. When it fails, prints its message and one sentence with the remedy, and ends the script.
az_checked() {
    local message code=0
    { message=$(az_bounded "$@" 2>&1 >&3) || code=$?; } 3>&1
    [ "$code" -eq 0 ] || give_up "$code" "$message"
}

# Runs az and prints one value; none at all is an error, although az exits with 0.
az_value() {
    local what=$1 value
    shift
    value=$(az_checked "$@" --output tsv) || exit
    [ -n "$value" ] || fail "Azure has no $what: run 'bash scripts/provision.sh', then run this again."
    printf '%s' "$value"
}

# Whether a resource exists. Only exit code 3 means that it does not; all others are errors.
az_exists() {
    local message code=0
    { message=$(az_bounded "$@" 2>&1 >&3) || code=$?; } 3>&1
    case $code in
    0 | 3) return "$code" ;;
    *) give_up "$code" "$message" ;;
    esac
}

give_up() {
    local code=$1 message=${2//$'\r'/}
    [ "$code" -ne 130 ] || exit 130 # Ctrl+C
    printf '%s\n' "$message" >&2
    case "$code $message" in
    "124 "*) fail "The Azure CLI did not answer within $AZ_TIMEOUT seconds: check the network, then run this again." ;;
    *"az login"* | *AADSTS*) fail "You are not signed in: run 'az login', then run this again." ;;
    *AuthorizationFailed* | *"does not have authorization"*) fail "$(missing_right "$message")" ;;
    *MissingSubscriptionRegistration*)
        fail "The subscription lacks a resource provider: run 'bash scripts/provision.sh', which registers it, then run this again."
        ;;
    *PrincipalNotFound*) fail "The new identity is not available everywhere yet: wait some minutes, then run this again." ;;
    *SkuNotAvailable* | *LocationNotAvailable* | *InvalidResourceLocation* | *InvalidResourceGroupLocation*)
        fail "LOCATION=$LOCATION does not fit: choose a region that offers the service, or the one in which the resource exists, then run this again."
        ;;
    *Quota* | *quota*)
        fail "The quota of the subscription is used up: ask for more, or choose another LOCATION in scripts/settings.env, then run this again."
        ;;
    *AlreadyTaken* | *"already taken"* | *"already exists"*)
        fail "The name is taken: set APP_NAME or STORAGE_ACCOUNT in scripts/settings.env, then run this again."
        ;;
    *"No extension found"* | *"not in the '"* | *"is misspelled or not recognized"*)
        fail "The Azure CLI lacks a command: run 'az extension add --name durabletask', update the CLI with 'az upgrade' (2.75 or newer), then run this again."
        ;;
    "3 "*) fail "A resource does not exist: run 'bash scripts/provision.sh', then run this again." ;;
    *) fail "The Azure CLI failed with exit code $code: correct the error above, then run this again." ;;
    esac
}

# Prints the right that Azure's message names, where it is missing, and the role that has it.
missing_right() {
    local action scope role=Contributor
    local pattern="action[^']*'([^']+)'[^']*scope[^']*'([^']+)'"
    if ! [[ ${1##*however} =~ $pattern ]]; then # 'however' separates it from a right that you have
        say "Your account may not do this: ask for the roles Contributor and Role Based Access Control Administrator on the resource group $RESOURCE_GROUP, then run this again."
        return
    fi
    action=${BASH_REMATCH[1]}
    scope=${BASH_REMATCH[2]}
    case $action in
    */register/action)
        say "Your account may not do this: it lacks the right $action on $scope. Ask an Owner or Contributor of the subscription to run 'az provider register --namespace ${action%%/*}', then run this again."
        return
        ;;
    Microsoft.Resources/subscriptions/resource[Gg]roups/write)
        say "Your account may not do this: it lacks the right $action on $scope. Ask an Owner or Contributor of the subscription to create the resource group $RESOURCE_GROUP and to give you the role Owner on it, then run this again."
        return
        ;;
    Microsoft.Authorization/*) role="Role Based Access Control Administrator" ;;
    */read) role=Reader ;;
    esac
    say "Your account may not do this: it lacks the right $action on ${scope%/providers/Microsoft.Authorization/*}. Ask for the role $role there or on the resource group, then run this again."
}

# Sets SUBSCRIPTION_ID, APP_NAME and STORAGE_ACCOUNT.
choose_names() {
    require az https://learn.microsoft.com/cli/azure/install-azure-cli
    SUBSCRIPTION_ID=$(az_value "subscription" account show --query id)
    local suffix start letters
    # RG-Shop and rg-shop are one group, so both must give the same suffix.
    suffix=$(printf '%s/%s' "$SUBSCRIPTION_ID" "$RESOURCE_GROUP" | lower_case | sha256 | cut -c1-6)
    start=${PROJECT:0:25}
    letters=${PROJECT//-/}
    APP_NAME=${APP_NAME:-${start%-}-$suffix}
    STORAGE_ACCOUNT=${STORAGE_ACCOUNT:-st${letters:0:16}$suffix}
}

check_setting() {
    local hyphenated='[A-Za-z0-9]+(-[A-Za-z0-9]+)*' address='[0-9]+(\.[0-9]+){3}(/[0-9]+)?|[0-9A-Fa-f:]+:[0-9A-Fa-f:.]*(/[0-9]+)?'
    case $1 in
    PROJECT) check_name "$1" 3 32 '[a-z][a-z0-9]*(-[a-z0-9]+)*' "3 to 32 lower-case letters, digits or single hyphens, starting with a letter" ;;
    LOCATION) check_name "$1" 2 64 '[a-z]+[a-z0-9]*' "the short name of a region, as in centralus" ;;
    RESOURCE_GROUP) check_name "$1" 1 90 '[A-Za-z0-9_().-]*[A-Za-z0-9_()-]' "1 to 90 letters, digits, _ ( ) . or -, not ending in a dot" ;;
    SCHEDULER_NAME | TASK_HUB_NAME) check_name "$1" 3 64 "$hyphenated" "3 to 64 letters, digits or single hyphens, no hyphen at the ends" ;;
    IDENTITY_NAME) check_name "$1" 3 128 '[A-Za-z0-9][A-Za-z0-9_-]*' "3 to 128 letters, digits, _ or -, starting with a letter or digit" ;;
    LOG_ANALYTICS_NAME) check_name "$1" 4 63 '[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]' "4 to 63 letters, digits or hyphens, no hyphen at the ends" ;;
    APP_INSIGHTS_NAME) check_name "$1" 1 260 '[A-Za-z0-9_().-]*[A-Za-z0-9_()-]' "1 to 260 letters, digits, _ ( ) . or -, not ending in a dot" ;;
    PLAN_NAME) check_name "$1" 1 40 '[A-Za-z0-9-]+' "1 to 40 letters, digits or hyphens" ;;
    APP_NAME) check_name "$1" 2 60 '[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]' "2 to 60 letters, digits or hyphens, no hyphen at the ends" ;;
    STORAGE_ACCOUNT) check_name "$1" 3 24 '[a-z0-9]+' "3 to 24 lower-case letters or digits" ;;
    IP_ALLOWLIST) check_name "$1" 2 4000 "($address)( ($address))*" "addresses in CIDR notation, separated by single spaces" ;;
    esac
}

check_name() {
    local value=${!1} LC_ALL=C # other languages have more letters from a to z
    [[ ${#value} -ge $2 && ${#value} -le $3 && $value =~ ^($4)$ ]] ||
        fail "$1=$value is not possible: use $5. It is defined in scripts/settings.env or in the environment."
}

lower_case() {
    LC_ALL=C tr '[:upper:]' '[:lower:]'
}

sha256() {
    if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi
}

# Gives a principal a role. A new identity can need some minutes until it is available everywhere.
grant() {
    local principal=$1 kind=$2 role=$3 scope=$4 attempt message code
    for ((attempt = 1; attempt <= RETRY_ATTEMPTS; attempt++)); do
        code=0
        message=$(az_bounded role assignment create --assignee-object-id "$principal" \
            --assignee-principal-type "$kind" --role "$role" --scope "$scope" --output none 2>&1) || code=$?
        [ "$code" -ne 0 ] || return 0
        [[ $message == *PrincipalNotFound* ]] || break
        sleep "$RETRY_PAUSE"
    done
    [[ $message != *PrincipalNotFound* ]] ||
        fail "Azure still does not find the identity $principal: wait some minutes, then run this again."
    # Somebody who may not assign roles can go on when the role is already assigned.
    if ! [[ $message == *AuthorizationFailed* ]] || ! has_role "$principal" "$role" "$scope"; then
        give_up "$code" "$message"
    fi
}

has_role() {
    [ -n "$(az_bounded role assignment list --assignee-object-id "$1" --role "$2" --scope "$3" --include-inherited \
        --fill-principal-name false --query "[].id" --output tsv 2>/dev/null)" ]
}
