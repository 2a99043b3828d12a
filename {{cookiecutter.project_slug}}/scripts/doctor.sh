#!/usr/bin/env bash
# Finds settings of this project that do not agree: locally, in the emulators and in Azure.
#
# Usage: bash scripts/doctor.sh
#
# Reads files only. docs/settings.md lists the rules by the ids of the findings.

set -euo pipefail
# shellcheck source=/dev/null
source "$(dirname "${BASH_SOURCE[0]}")/messages.sh"
read_arguments "$@"
CDPATH="" cd "$(dirname "${BASH_SOURCE[0]}")/.."
export LC_ALL=C
# shellcheck source=/dev/null
source scripts/project-files.sh

HOST=src/host.json
EXAMPLE=src/local.settings.example.json
LOCAL=src/local.settings.json
[ -f "$LOCAL" ] || LOCAL=$EXAMPLE
COMPOSE=compose.yaml
PLANS=scripts/hosting-plans.txt

NAME='[A-Za-z_][A-Za-z0-9_]*' # of a setting
BUNDLE='^Microsoft\.Azure\.Functions\.ExtensionBundle \[4\.(\*|(3[0-9]|[4-9][0-9]|[1-9][0-9][0-9])\.[0-9]+), *5\.0\.0\)$'
VERSION='^[0-9]+(\.[0-9]+){1,3}$'
KEY='["=;?&](AccountKey|SharedAccessKey|SharedAccessSignature|sig|code|ClientSecret|Password|Pwd)='

findings=
readable=" " # the files that exist and are valid
sources=     # those that write the app settings in Azure
host_values=
local_values=

# Adds a finding: its id, the file, what is wrong, and the fix.
report() {
    findings+="$1 $2: $3: $4."$'\n'
}

# Adds a finding for each name in the input.
report_each() {
    local name
    while IFS= read -r name; do
        report "$1" "$2" "$name $3" "$4"
    done
}

can_read() {
    local file
    for file in "$@"; do
        [[ $readable == *" $file "* ]] || return 1
    done
}

# Prints a value of host.json by its path.
option() {
    value_at "$host_values" "$1"
}

# Prints a local setting by its name.
setting() {
    value_at "$local_values" "/Values/$1"
}

# Prints the name of the setting that holds the connection string of the scheduler.
connection_name() {
    local name
    name=$(option /extensions/durableTask/storageProvider/connectionStringName)
    printf '%s' "${name:-DURABLE_TASK_SCHEDULER_CONNECTION_STRING}"
}

# Whether the local app uses a scheduler in Azure, not the emulator.
uses_azure() {
    [[ $(part_of "$(setting "$(connection_name)")" endpoint) == https://* ]]
}

# Rules ------------------------------------------------------------------------------------------

# DOC001
check_files() {
    local shell file files=("$HOST" "$EXAMPLE" "$COMPOSE" "$PLANS")
    [ "$LOCAL" = "$EXAMPLE" ] || files+=("$LOCAL")
    for shell in sh ps1; do
        [ ! -f "scripts/provision.$shell" ] || files+=("scripts/provision.$shell" "scripts/configure-identity.$shell")
    done
    ! compgen -G 'scripts/provision.*' >/dev/null || files+=(scripts/settings.env)
    ! compgen -G 'infra/main.*' >/dev/null || files+=(infra/main.bicep infra/main.parameters.json)
    for file in "${files[@]}"; do
        if [ ! -f "$file" ]; then
            report DOC001 "$file" "the file is missing" "restore it from the repository"
        elif [[ $file == *.json ]] && ! is_json "$file"; then
            report DOC001 "$file" "the file is not valid JSON" "correct its braces, quotes and commas"
        else
            readable+="$file "
        fi
    done
}

# Reports where a setting that host.json reads has no value.
check_setting() {
    local id=$1 name=$2 source
    [ -n "$(setting "$name")" ] ||
        report "$id" "$LOCAL" "$name has no value, and $HOST reads it" "add it to Values"
    for source in $sources; do
        [[ $name == WEBSITE_* ]] || # Azure sets these
            names_set_in "$source" | grep -ixF "$name" >/dev/null ||
            report "$id" "$source" "$name has no value, and $HOST reads it" "add it to the app settings"
    done
}

# DOC002
check_placeholders() {
    local name
    for name in $(tokens_of "$HOST" | matches "%$NAME%" | tr -d % | awk '!seen[$0]++'); do
        check_setting DOC002 "$name"
    done
}

# DOC003
check_task_hub() {
    local name hub hubs
    name=$(option /extensions/durableTask/hubName)
    if ! [[ $name =~ ^%$NAME%$ ]]; then
        report DOC003 "$HOST" "hubName does not refer to a setting" 'use "%TASKHUB_NAME%"'
        return
    fi
    name=$(tr -d % <<<"$name")
    hub=$(setting "$name")
    hubs=$(task_hubs "$COMPOSE")
    [ -z "$hub" ] || [ -z "$hubs" ] || uses_azure || [[ ",$hubs," == *",$hub,"* ]] ||
        report DOC003 "$LOCAL" "$name is not the task hub that $COMPOSE creates" "use $hubs, or change DTS_TASK_HUB_NAMES there"
}

# DOC004
check_provider() {
    local type name
    type=$(option /extensions/durableTask/storageProvider/type | tr '[:upper:]' '[:lower:]')
    name=$(connection_name)
    [ "$type" = azuremanaged ] ||
        report DOC004 "$HOST" "storageProvider.type is not the Durable Task Scheduler" 'use "azureManaged"'
    if [[ $name =~ ^$NAME$ ]]; then
        check_setting DOC004 "$name"
    else
        report DOC004 "$HOST" "connectionStringName is not the name of a setting" 'use "DURABLE_TASK_SCHEDULER_CONNECTION_STRING"'
    fi
}

# DOC005
check_connection() {
    local name endpoint authentication ports port
    name=$(connection_name)
    [ -n "$(setting "$name")" ] || return 0
    endpoint=$(part_of "$(setting "$name")" endpoint)
    authentication=$(part_of "$(setting "$name")" authentication)
    ports=$(published "$COMPOSE" 8080)
    port=${ports%%|*}
    if uses_azure; then
        [[ $authentication =~ ^(none|managedidentity)?$ ]] || return 0
        report DOC005 "$LOCAL" "$name cannot sign in to Azure from this computer" "use Authentication=DefaultAzure"
    elif ! [[ $endpoint =~ ^http://(localhost|127\.0\.0\.1):(${ports:-[0-9]+})/?$ && $authentication == none ]]; then
        report DOC005 "$LOCAL" "$name is not that of the emulator" "use Endpoint=http://localhost:${port:-8080};Authentication=None"
    fi
}

# DOC006
check_storage() {
    local value port ports
    value=$(setting AzureWebJobsStorage)
    case ${value%;} in
    UseDevelopmentStorage=true)
        for port in 10000 10001 10002; do
            ports=$(published "$COMPOSE" "$port")
            [[ "|${ports:-$port}|" == *"|$port|"* ]] ||
                report DOC006 "$COMPOSE" "storage has port ${ports%%|*}, and UseDevelopmentStorage=true means $port" "publish $port:$port"
        done
        ;;
    *AccountName=devstoreaccount1*) ;; # the emulator, on other ports
    *) report DOC006 "$LOCAL" "AzureWebJobsStorage is not the emulator" "use UseDevelopmentStorage=true" ;;
    esac
}

# DOC007
check_worker() {
    local app source found
    app=$(worker)
    [ -n "$app" ] || return 0
    [ "$(setting FUNCTIONS_WORKER_RUNTIME)" = "$app" ] ||
        report DOC007 "$LOCAL" "FUNCTIONS_WORKER_RUNTIME is not that of the app" "use $app"
    for source in $sources; do
        source=$(creator_of "$source")
        for found in $(workers_in "$source"); do
            [ "$found" = "$app" ] || report DOC007 "$source" "the runtime $found is not that of the app" "use $app"
        done
    done
}

# DOC008
check_types() {
    report_each DOC008 "$LOCAL" "is not a text" "put its value in quotes" \
        < <(sed -n 's|^/Values/\([^/=]*\)=[^"].*|\1|p' <<<"$local_values")
}

# DOC009
check_keys() {
    local file
    for file in src/local.settings.json "$EXAMPLE" scripts/settings.env; do
        ! can_read "$file" || report_each DOC009 "$file" "has a key" "remove it, and use an identity" < <(
            entries_of "$file" | { grep -iE "$KEY" || true; } |
                sed -e '/AccountName=devstoreaccount1/d' -e 's|=.*||' -e 's|.*/||'
        )
    done
}

# DOC010
check_bundle() {
    local app bundle
    app=$(worker)
    bundle="$(option /extensionBundle/id) $(option /extensionBundle/version)"
    if [ "$app" = dotnet-isolated ]; then
        [[ $host_values != *"/extensionBundle="* ]] ||
            report DOC010 "$HOST" "extensionBundle is for other languages than C#" "remove it"
    elif [ -n "$app" ]; then
        [[ $bundle =~ $BUNDLE ]] ||
            report DOC010 "$HOST" "extensionBundle lacks the Durable Task Scheduler" 'use "Microsoft.Azure.Functions.ExtensionBundle" in version "[4.36.0, 5.0.0)"'
    fi
}

# DOC011
check_client_id() {
    local source connection
    for source in $sources; do
        connection=$(connection_strings_in "$source" | tr '[:upper:]' '[:lower:]')
        case "$(identity_in "$(creator_of "$source")") $connection" in
        *" ") ;; # the file writes no such string
        user-assigned*clientid=*) ;;
        user-assigned*)
            report DOC011 "$source" "the identity is user-assigned, and the connection string has no ClientID" "add it"
            ;;
        system-assigned*clientid=*)
            report DOC011 "$source" "the identity is system-assigned, and the connection string has a ClientID" "remove it"
            ;;
        esac
    done
}

# DOC012
check_plan() {
    local source plan file
    for source in $sources; do
        plan=$(plan_in "$(creator_of "$source")")
        for file in $(printf '%s\n' "$(creator_of "$source")" "$source" | uniq); do
            report_each DOC012 "$file" "is not for the plan $plan" "remove it" < <(
                names_set_in "$file" | { grep -ixF "$(text_of "$PLANS" | sed -n "s/^$plan //p")" || true; } | awk '!seen[$0]++'
            )
        done
    done
}

# DOC013
check_versions() {
    local version
    version=$(option /extensions/durableTask/defaultVersion)
    [[ -z $version || $version =~ $VERSION ]] ||
        report DOC013 "$HOST" "defaultVersion is not a number with a dot" 'use a version such as "2.0"'
    check_strategy versionMatchStrategy 'none|strict|currentorolder' 'None, Strict or CurrentOrOlder'
    check_strategy versionFailureStrategy 'reject|fail' 'Reject or Fail'
}

# Reports a strategy that the Functions host does not have.
check_strategy() {
    local value
    value=$(option "/extensions/durableTask/$1" | tr '[:upper:]' '[:lower:]')
    [[ -z $value || $value =~ ^($2)$ ]] || report DOC013 "$HOST" "$1 has an unknown value" "use $3"
}

# Applies a rule when the files that it needs can be read.
rule() {
    local check=$1
    shift
    if can_read "$@"; then "$check"; fi
}

check_files
! can_read "$HOST" || host_values=$(values_of "$HOST")
! can_read "$LOCAL" || local_values=$(values_of "$LOCAL")
for file in scripts/configure-identity.sh scripts/configure-identity.ps1 infra/main.bicep; do
    ! can_read "$file" "$(creator_of "$file")" || sources+=" $file"
done
rule check_placeholders "$HOST" "$LOCAL"
rule check_task_hub "$HOST" "$LOCAL" "$COMPOSE"
rule check_provider "$HOST" "$LOCAL"
rule check_connection "$HOST" "$LOCAL" "$COMPOSE"
rule check_storage "$LOCAL" "$COMPOSE"
rule check_worker "$LOCAL"
rule check_types "$LOCAL"
rule check_keys
rule check_bundle "$HOST"
rule check_client_id
rule check_plan "$PLANS"
rule check_versions "$HOST"

if [ -n "$findings" ]; then
    printf '%s' "$findings" >&2
    exit 1
fi
say "The settings agree: no findings."
