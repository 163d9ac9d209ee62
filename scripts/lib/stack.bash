# shellcheck shell=bash disable=SC2034,SC2153,SC2154
# The parts of a stack: folders, names, and the command line of each. Needs OPT and BIN.

STORE_DEFAULT=store
SUN_PATH_MAX=107   # bytes of a unix socket's path, unix(7)
SOCKET_NAME_MAX=24 # bytes: "/broker-99.events.sock" and a little

stack_folders() { # stack_folders DATA
    DATA=$1 PIDS=$1/pids LOGS=$1/logs STATE=$1/state SOCK=$1/sock
}

stack_make_folders() {
    mkdir -p "$DATA" "$PIDS" "$LOGS" "$STATE" "$DATA/redis" || fail "cannot make folders in $DATA"
    local store=${OPT[store]#file:}
    mkdir -p "$store"
    stack_make_sock
}

# Sockets live in DIR/sock. Where that path is too long for a socket they live in a private folder
# below /tmp, and DIR/sock is a link to it.
stack_make_sock() {
    local real
    SOCK=$DATA/sock
    if [[ -L $SOCK ]]; then
        real=$(readlink "$SOCK")
        if [[ -d $real && ! -L $real && -O $real ]]; then
            SOCK=$real
            return
        fi
        rm -f "$SOCK"
    fi
    if ((${#SOCK} + SOCKET_NAME_MAX > SUN_PATH_MAX)); then
        real=$(mktemp -d /tmp/longhaul-XXXXXXXX) || fail "cannot make a folder for sockets in /tmp"
        ln -s "$real" "$DATA/sock" || fail "cannot make $DATA/sock"
        SOCK=$real
    fi
    mkdir -p "$SOCK" || fail "cannot make $SOCK"
}

stack_remove_sock() {
    if [[ $SOCK == /tmp/longhaul-* && $SOCK != "$DATA/sock" ]]; then
        [[ ! -O $SOCK ]] || rm -rf -- "$SOCK"
        rm -f "$DATA/sock"
    else
        rm -f "${SOCK:?}"/*.sock "${SOCK:?}"/*.events
    fi
}

# Signs the links to artifacts. Made once, so that links outlive a restart.
stack_make_secret() {
    local file=$DATA/link-secret
    [[ -s $file ]] && return
    (
        umask 077
        head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n' >"$file.new"
        mv "$file.new" "$file"
    )
}

# One old log of each program is kept.
stack_rotate_logs() {
    local log
    for log in "$LOGS"/*.log; do
        [[ -s $log && $log != */run.log ]] && mv -f "$log" "$log.1"
    done
    return 0
}

names_of() { # names_of PROGRAM VARIABLE COUNT: name-1 name-2 ...
    local -n names=$2
    local i
    names=()
    for ((i = 1; i <= $3; i++)); do
        names+=("$1-$i")
    done
}

stack_names() {
    names_of broker BROKERS "${OPT[brokers]}"
    names_of worker WORKERS "${OPT[workers]}"
    names_of gateway GATEWAYS "${OPT[gateways]}"
}

endpoints() { # endpoints SUFFIX VARIABLE: ipc endpoints of all brokers, comma separated
    local list='' broker
    for broker in "${BROKERS[@]}"; do
        list+="${list:+,}ipc://$SOCK/$broker.$1"
    done
    printf -v "$2" '%s' "$list"
}

# command_of NAME: fills COMMAND with the command line of a part.
command_of() {
    "command_of_${1%%-*}" "$1"
}

command_of_redis() {
    COMMAND=(redis-server --port 0 --unixsocket "$SOCK/redis.sock" --unixsocketperm 700
        --dir "$DATA/redis" --save '' --appendonly yes --appendfsync "${OPT[fsync]}"
        --auto-aof-rewrite-percentage 100 --auto-aof-rewrite-min-size 128mb --rdbcompression no
        --maxmemory-policy noeviction --hash-max-listpack-value 1024
        --hash-max-listpack-entries 64 --daemonize no)
}

command_of_broker() {
    COMMAND=("$BIN/longhaul-broker" --broker-id "$1" --bind-requests "ipc://$SOCK/$1.sock"
        --bind-events "ipc://$SOCK/$1.events" --redis-socket "$SOCK/redis.sock"
        --fsync "${OPT[fsync]}")
}

command_of_worker() {
    local brokers
    endpoints sock brokers
    COMMAND=("$BIN/longhaul-worker" --worker-id "$1" --brokers "$brokers"
        --slots "${OPT[slots]}" --store "${OPT[store]}" --drain-s "$DRAIN_S")
    [[ -n ${OPT[files]} ]] && COMMAND+=(--files "${OPT[files]}")
    [[ -n ${OPT[catalog]} ]] && COMMAND+=(--catalog "${OPT[catalog]}")
    [[ -n ${OPT[source-allow]} ]] && COMMAND+=(--source-allow "${OPT[source-allow]}")
    ((OPT[allow-simulate])) && COMMAND+=(--allow-simulate)
    return 0
}

command_of_gateway() {
    local brokers events number=${1#gateway-}
    endpoints sock brokers
    endpoints events events
    COMMAND=("$BIN/longhaul-gateway" --listen "127.0.0.1:$((OPT[port] + number - 1))"
        --admin-listen "127.0.0.1:$((OPT[admin-port] + number - 1))" --brokers "$brokers"
        --broker-events "$events" --redis-socket "$SOCK/redis.sock" --store "${OPT[store]}"
        --link-secret-file "$DATA/link-secret" --drain-s "$DRAIN_S")
    [[ -n ${LONGHAUL_WEB_DIR:-} ]] || COMMAND+=(--web-dir "$ROOT/build/web")
    ((OPT[gateway-threads] > 0)) && COMMAND+=(--threads "${OPT[gateway-threads]}")
    ((OPT[allow-simulate])) && COMMAND+=(--allow-simulate)
    ((OPT[admin-changes])) && COMMAND+=(--admin-changes)
    return 0
}

# Prints those of its arguments on which someone listens, on loopback or on every address. Gateways
# share a port with SO_REUSEPORT, so that their own bind would not notice another stack's gateway.
# By awk: the tables may have many thousand lines, which bash would read byte by byte.
ports_taken() {
    local port hex=''
    for port in "$@"; do
        printf -v hex '%s %04X' "$hex" "$port"
    done
    awk -v wanted="$hex" '
        BEGIN { n = split(wanted, list, " "); for (i = 1; i <= n; i++) want[list[i]] = i }
        $4 == "0A" && split($2, at, ":") == 2 && at[2] in want &&
            at[1] ~ /^(0+|0100007F|0+FFFF00000100007F|0+01000000)$/ { taken[want[at[2]]] = 1 }
        END { for (i = 1; i <= n; i++) if (i in taken) print i }' \
        /proc/net/tcp /proc/net/tcp6 2>/dev/null |
        while read -r port; do printf '%s\n' "${!port}"; done
}

stack_check_ports() {
    local i port ports=() taken
    for ((i = 0; i < OPT[gateways]; i++)); do
        ports+=($((OPT[port] + i)) $((OPT[admin-port] + i)))
    done
    for port in "${ports[@]}"; do
        ((port <= 65535)) || fail "port $port: there is no such port"
    done
    taken=$(ports_taken "${ports[@]}")
    [[ -z $taken ]] ||
        fail "port ${taken//$'\n'/, } is in use (choose others with --port, --admin-port)"
}

redis_answers() {
    [[ $(redis-cli -s "$SOCK/redis.sock" ping 2>/dev/null) == PONG ]]
}

broker_bound() {
    [[ -S $SOCK/$1.sock ]]
}

worker_welcomed() {
    grep -q -F 'worker.ready' "$LOGS/$1.log"
}

# gateway_ready NAME: /readyz says 200. Spoken by hand: a bare machine has no curl.
gateway_ready() {
    local line fd port=$((OPT[admin-port] + ${1#gateway-} - 1))
    { exec {fd}<>"/dev/tcp/127.0.0.1/$port"; } 2>/dev/null || return 1
    printf 'GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&"$fd"
    line=
    read -r -t 2 line <&"$fd"
    exec {fd}>&-
    [[ $line == 'HTTP/1.1 200'* ]]
}
