# Sourced by the scripts of this folder: settings, messages, and guards around the Azure CLI.
# shellcheck shell=bash

# Git Bash on Windows takes the ids of Azure resources for paths.
export MSYS2_ARG_CONV_EXCL=/subscriptions

SCRIPTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# Seconds that one call of the Azure CLI may take; attempts, and seconds between them, where Azure
# needs time until all of it knows a new identity, role or app.
AZ_TIMEOUT=${AZ_TIMEOUT:-1800}
RETRY_ATTEMPTS=${RETRY_ATTEMPTS:-40}
RETRY_PAUSE=${RETRY_PAUSE:-15}

say() {
    printf '%s\n' "$*"
}

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

# Prints the comment at the top of a script that was called with --help, and ends it.
read_arguments() {
    case "${1:-}" in
    "") ;;
    -h | --help)
        sed -n '2,/^$/s/^# \{0,1\}//p' "$0"
        exit 0
        ;;
    *) fail "Unknown argument '$1': run 'bash $0 --help'." ;;
    esac
}

# Reads settings.env; a variable that the environment has already wins.
load_settings() {
    local name value
    while IFS='=' read -r name value || [ -n "$name" ]; do
        if [[ $name =~ ^[A-Z_]+$ && -z ${!name:-} ]]; then
            printf -v "$name" '%s' "${value%$'\r'}"
        fi
    done <"$SCRIPTS/settings.env"
}

# Runs az without a terminal: a question of az is an error then, not a wait for ever.
az_bounded() {
    if command -v timeout >/dev/null; then
        timeout "$AZ_TIMEOUT" az "$@" --only-show-errors </dev/null
    else
        az "$@" --only-show-errors </dev/null
    fi
}

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
    value=$(az_checked "$@" --output tsv) || exit 1
    [ -n "$value" ] || fail "Azure knows no $what: run 'bash scripts/provision.sh', then run this again."
    printf '%s' "$value"
}

# Whether a resource exists. Only exit code 3 means that it does not; all others are errors.
az_exists() {
    local message code=0
    message=$(az_bounded "$@" --output none 2>&1) || code=$?
    case $code in
    0) return 0 ;;
    3) return 1 ;;
    *) give_up "$code" "$message" ;;
    esac
}

give_up() {
    local code=$1 message=$2
    printf '%s\n' "$message" >&2
    case "$code $message" in
    "124 "*) fail "The Azure CLI did not answer within $AZ_TIMEOUT seconds: check the network, then run this again." ;;
    *"az login"* | *AADSTS*) fail "You are not signed in: run 'az login', then run this again." ;;
    *AuthorizationFailed* | *"does not have authorization"*)
        fail "Your account may not do this: ask for the roles Contributor and Role Based Access Control Administrator on the resource group, then run this again."
        ;;
    *SkuNotAvailable* | *LocationNotAvailable* | *InvalidResourceLocation* | *InvalidResourceGroupLocation*)
        fail "LOCATION=$LOCATION does not fit: choose a region that offers the service, or the one in which the resource exists, then run this again."
        ;;
    *Quota* | *quota*)
        fail "The quota of the subscription is used up: ask for more, or choose another LOCATION in scripts/settings.env, then run this again."
        ;;
    *AlreadyTaken* | *"already taken"* | *"already exists"*)
        fail "The name is taken: set APP_NAME or STORAGE_ACCOUNT in scripts/settings.env, then run this again."
        ;;
    *"No matching extensions"* | *"not in the '"* | *"is misspelled or not recognized"*)
        fail "The Azure CLI lacks a command: run 'az extension add --name durabletask', update the CLI with 'az upgrade' (2.75 or newer), then run this again."
        ;;
    "3 "*) fail "A resource does not exist: run 'bash scripts/provision.sh', then run this again." ;;
    *) fail "The Azure CLI failed with exit code $code: correct what it says above, then run this again." ;;
    esac
}

require() {
    command -v "$1" >/dev/null || fail "$1 is missing: install it, see $2"
}

# Sets SUBSCRIPTION_ID, APP_NAME and STORAGE_ACCOUNT, and checks every name before anything is made.
choose_names() {
    require az https://learn.microsoft.com/cli/azure/install-azure-cli
    SUBSCRIPTION_ID=$(az_value "subscription" account show --query id)
    local suffix start letters hyphenated='[A-Za-z0-9]+(-[A-Za-z0-9]+)*'
    suffix=$(printf '%s/%s' "$SUBSCRIPTION_ID" "$RESOURCE_GROUP" | sha256 | cut -c1-6)
    start=${PROJECT:0:25}
    letters=${PROJECT//-/}
    APP_NAME=${APP_NAME:-${start%-}-$suffix}
    STORAGE_ACCOUNT=${STORAGE_ACCOUNT:-st${letters:0:16}$suffix}
    check_name LOCATION 2 64 '[a-z]+[a-z0-9]*' "the short name of a region, as in centralus"
    check_name RESOURCE_GROUP 1 90 '[A-Za-z0-9_().-]*[A-Za-z0-9_()-]' "1 to 90 letters, digits, _ ( ) . or -, not ending in a dot"
    check_name SCHEDULER_NAME 3 64 "$hyphenated" "3 to 64 letters, digits or single hyphens, no hyphen at the ends"
    check_name TASK_HUB_NAME 3 64 "$hyphenated" "3 to 64 letters, digits or single hyphens, no hyphen at the ends"
    check_name LOG_ANALYTICS_NAME 4 63 '[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]' "4 to 63 letters, digits or hyphens, no hyphen at the ends"
    check_name APP_INSIGHTS_NAME 1 260 '[A-Za-z0-9_().-]*[A-Za-z0-9_()-]' "1 to 260 letters, digits, _ ( ) . or -, not ending in a dot"
    check_name APP_NAME 2 60 '[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]' "2 to 60 letters, digits or hyphens, no hyphen at the ends"
    check_name STORAGE_ACCOUNT 3 24 '[a-z0-9]+' "3 to 24 lower-case letters or digits"
}

check_name() {
    local value=${!1}
    [[ ${#value} -ge $2 && ${#value} -le $3 && $value =~ ^($4)$ ]] ||
        fail "$1=$value is not possible: use $5. It stands in scripts/settings.env."
}

sha256() {
    if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi
}

# Gives a principal a role. Azure needs up to some minutes until all of it knows a new identity.
grant() {
    local principal=$1 kind=$2 role=$3 scope=$4 attempt message code
    for ((attempt = 1; attempt <= RETRY_ATTEMPTS; attempt++)); do
        code=0
        message=$(az_bounded role assignment create --assignee-object-id "$principal" \
            --assignee-principal-type "$kind" --role "$role" --scope "$scope" --output none 2>&1) || code=$?
        [ "$code" -ne 0 ] || return 0
        [[ $message == *PrincipalNotFound* ]] || give_up "$code" "$message"
        sleep "$RETRY_PAUSE"
    done
    fail "Azure still does not know the identity $principal: wait some minutes, then run this again."
}
