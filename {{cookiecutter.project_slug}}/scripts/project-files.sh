# Sourced by doctor.sh: what the files of this project contain, read as text.
# shellcheck shell=bash

# Prints a file without what editors on Windows add: CR, and a byte order mark.
text_of() {
    tr -d '\r' <"$1" | sed $'1s/^\xef\xbb\xbf//'
}

# Prints a script, a Bicep file or a YAML file without comments.
code_of() {
    text_of "$1" | sed -E 's,(^|[[:space:]])(#|//).*,,'
}

# Prints each part of the input that a pattern matches in a line.
matches() {
    grep -oE "$1" || true
}

# JSON -----------------------------------------------------------------------------------------

# Prints each token of a JSON file in a line, without comments.
tokens_of() {
    text_of "$1" | matches '"([^"\\]|\\.)*"|//.*|[][{}:,]|[^][{}:,"/[:space:]]+|["/]' | sed '/^\/\//d'
}

# Whether a file is JSON: lists and objects of scalars (s is a string) become 0, until one 0 remains.
is_json() {
    local shape
    shape=$(tokens_of "$1" | sed -E -e 's/^".*"$/s/' -e 's/^(true|false|null|-?[0-9][0-9.eE+-]*)$/0/' |
        tr -d '\n' | sed -E -e 's/,([]}])/\1/g' \
        -e :again -e 's/\{(s:[s0](,s:[s0])*)?\}|\[([s0](,[s0])*)?\]/0/g' -e 't again')
    [ "$shape" = 0 ]
}

# Prints each value of a JSON file after its path in a line, as in /Values/TASKHUB_NAME="default".
values_of() {
    tokens_of "$1" | awk '
        function show(path, level) {
            for (level = 1; level <= depth; level++) path = path "/" name[level]
            print path "=" $0
        }
        $0 == ":" { gsub(/^"|"$/, "", last); name[depth] = last; is_value = 1; next }
        is_value { show(); is_value = 0 }
        /^[{[]$/ { depth++ }
        /^[]}]$/ { depth-- }
        { last = $0 }'
}

# Prints each entry of a JSON file or of a file with a NAME=value in each line.
entries_of() {
    case $1 in
    *.json) values_of "$1" ;;
    *) text_of "$1" ;;
    esac
}

# Prints the value at a path among such lines, without its quotes.
value_at() {
    local line value=
    while IFS= read -r line; do
        [[ $line != "$2="* ]] || value=${line#"$2="}
    done <<<"$1"
    value=${value#\"}
    printf '%s' "${value%\"}"
}

# Prints the value of a key of a connection string, in lower case: Azure compares both without it.
part_of() {
    printf '%s' "$1" | tr '[:upper:]' '[:lower:]' | tr ';' '\n' | sed -n "s/^$2=//p"
}

# The app and the emulators ----------------------------------------------------------------------

# Prints the worker runtime of the app.
worker() {
    if [ -f src/function_app.py ]; then
        say python
    elif compgen -G 'src/*.csproj' >/dev/null; then
        say dotnet-isolated
    elif [ -f src/package.json ]; then
        say node
    fi
}

# Prints the ports of this computer for a port of a container, separated by |, when the file has numbers.
published() {
    code_of "$1" | sed -nE "s/^.*[^0-9]([0-9]+):$2([^0-9].*)?$/\1/p" | paste -sd '|' -
}

# Prints the task hubs of the emulator, separated by commas, when the file has their names.
task_hubs() {
    local code dynamic="DTS_USE_DYNAMIC_TASK_HUBS[\"']?[:=] *[\"']?true"
    code=$(code_of "$1")
    if [[ $code == *DTS_TASK_HUB_NAMES* && ! $code =~ $dynamic ]]; then
        sed -nE "s/^.*DTS_TASK_HUB_NAMES[\"']?[:=] *[\"']?([A-Za-z0-9, -]*)[\"']? *$/\1/p" <<<"$code" | tr -d ' '
    fi
}

# Provisioning -----------------------------------------------------------------------------------

# Prints the file that creates the app whose settings another file writes.
creator_of() {
    case $1 in
    scripts/*) say "scripts/provision.${1##*.}" ;;
    *) say "$1" ;;
    esac
}

# Prints each name that a file sets: NAME=… in scripts, NAME: … or name: 'NAME' in Bicep.
names_set_in() {
    code_of "$1" | sed -E "s/name:[[:space:]]*'([A-Za-z_][A-Za-z0-9_]*)'/\1:/g" |
        matches "(^|[[:space:]\"'{(,.])[A-Za-z_][A-Za-z0-9_]*('?[[:space:]]*:|=)" | tr -cd 'A-Za-z0-9_\n'
}

# Prints each worker runtime that a file gives the app.
workers_in() {
    code_of "$1" | matches "(--runtime |FUNCTIONS_WORKER_RUNTIME[:=] *'?|runtime: \{ name: ')[a-z-]+" |
        matches '[a-z-]+$'
}

plan_in() {
    case $(code_of "$1") in
    *--flexconsumption-location* | *"'FlexConsumption'"*) say flex-consumption ;;
    *"--sku EP"* | *"'ElasticPremium'"*) say premium ;;
    *"functionapp plan create"* | *Microsoft.Web/serverfarms*) say app-service ;;
    esac
}

identity_in() {
    case $(code_of "$1") in
    *", UserAssigned'"*) ;; # both kinds
    *"[system]"* | *"'SystemAssigned'"*) say system-assigned ;;
    *--assign-identity* | *"'UserAssigned'"*) say user-assigned ;;
    esac
}

# Prints each connection string for a managed identity that a file writes.
connection_strings_in() {
    code_of "$1" | matches "[^\"']*;Authentication=ManagedIdentity[^\"']*"
}
