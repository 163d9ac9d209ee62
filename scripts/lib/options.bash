# shellcheck shell=bash disable=SC2034,SC2153,SC2154
# Options of a script, from one table. Flag over environment over default.
#
#     OPTION_TABLE=(
#         "name|kind|default|value name|help"      kind: flag, text, or number:MIN:MAX
#     )
#     options_parse "$@"      fills OPT[name]; flags are 1 or 0
#
# --name VALUE, --name=VALUE; flags --name and --no-name; the environment variable is the name in
# capitals after LONGHAUL_ with '_' for '-'. Anything unknown or out of range: message, exit 2.

declare -A OPT OPTION_KIND

usage_error() {
    printf 'scripts/%s: %s (see --help)\n' "${0##*/}" "$1" >&2
    exit 2
}

option_variable() {
    local name=${1^^}
    printf -v "$2" 'LONGHAUL_%s' "${name//-/_}"
}

# option_store NAME VALUE WHERE: checks the value; WHERE names its source in the message.
option_store() {
    local name=$1 value=$2 where=$3
    case ${OPTION_KIND[$name]} in
    flag) option_store_flag "$name" "$value" "$where" ;;
    number:*) option_store_number "$name" "$value" "$where" ;;
    *) OPT[$name]=$value ;;
    esac
}

option_store_flag() {
    case $2 in
    1 | true) OPT[$1]=1 ;;
    0 | false | '') OPT[$1]=0 ;;
    *) usage_error "$3 must be 1, 0, true or false, not '$2'" ;;
    esac
}

option_store_number() {
    local limits=${OPTION_KIND[$1]#number:}
    local min=${limits%:*} max=${limits#*:}
    # At most 9 digits: bash's arithmetic would wrap around silently, and a leading 0 means octal.
    if ! [[ $2 =~ ^(0|[1-9][0-9]{0,8})$ ]] || (($2 < min || $2 > max)); then
        usage_error "$3 must be a number from $min to $max, not '$2'"
    fi
    OPT[$1]=$2
}

options_defaults() {
    local row name kind default variable
    for row in "${OPTION_TABLE[@]}"; do
        IFS='|' read -r name kind default _ <<<"$row"
        OPTION_KIND[$name]=$kind
        option_variable "$name" variable
        OPT[$name]=$default
        if [[ -n ${!variable:-} ]]; then
            option_store "$name" "${!variable}" "$variable"
        fi
    done
}

# Handles the first argument, or the first two; how many goes into OPTIONS_TAKEN.
option_take() {
    local argument=$1 name value
    OPTIONS_TAKEN=1
    [[ $argument == --?* ]] || usage_error "what is '$argument'?"
    name=${argument#--}
    value=
    [[ $name == *=* ]] && value=${name#*=} && name=${name%%=*}
    if [[ ${OPTION_KIND[${name#no-}]:-} == flag && $argument != *=* ]]; then
        [[ $name == no-* ]] && OPT[${name#no-}]=0 || OPT[$name]=1
        return
    fi
    [[ -n ${OPTION_KIND[$name]:-} && ${OPTION_KIND[$name]} != flag ]] ||
        usage_error "unknown option '$argument'"
    if [[ $argument != *=* ]]; then
        (($# >= 2)) || usage_error "--$name needs a value"
        value=$2
        OPTIONS_TAKEN=2
    fi
    option_store "$name" "$value" "--$name"
}

options_parse() {
    options_defaults
    while (($# > 0)); do
        option_take "$@"
        shift "$OPTIONS_TAKEN"
    done
}

# The table as text for --help.
options_help() {
    local row name kind default value help left
    for row in "${OPTION_TABLE[@]}"; do
        IFS='|' read -r name kind default value help <<<"$row"
        left="--$name${value:+ $value}"
        [[ -n $default && $kind != flag ]] && help+=" (default $default)"
        printf '  %-30s %s\n' "$left" "$help"
    done
}
