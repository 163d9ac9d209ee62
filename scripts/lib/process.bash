# shellcheck shell=bash disable=SC2034,SC2153,SC2154
# Processes of one stack: started, remembered, recognised and stopped. Needs STATE (folder), PIDS
# (folder) and LOGS (folder).
#
# A pid alone is not an identity: after a crash the number may belong to a stranger. So beside the
# public DIR/pids/NAME.pid stands DIR/state/NAME with pid, start time and boot id, and no signal is
# sent unless all three still fit.

BOOT_ID=$(</proc/sys/kernel/random/boot_id)
declare -A PID

now_ms() { # now_ms VARIABLE
    local t=${EPOCHREALTIME/[.,]/}
    printf -v "$1" '%s' "${t%???}"
}

# process_born PID VARIABLE: start time in ticks since boot; fails for a process that is gone or
# a zombie. Fields count from behind the name, which may hold anything (proc(5), stat).
process_born() {
    local stat fields
    { read -r -d '' stat </proc/"$1"/stat; } 2>/dev/null
    [[ -n ${stat:-} ]] || return 1
    read -r -a fields <<<"${stat##*) }"
    [[ ${fields[0]} != Z && ${fields[0]} != X ]] || return 1
    printf -v "$2" '%s' "${fields[19]}"
}

# process_remember NAME PID
process_remember() {
    local born=0
    process_born "$2" born || true
    printf '%s %s %s\n' "$2" "$born" "$BOOT_ID" >"$STATE/$1.new"
    mv -f "$STATE/$1.new" "$STATE/$1"
    printf '%s\n' "$2" >"$STATE/pid.new"
    mv -f "$STATE/pid.new" "$PIDS/$1.pid"
}

process_forget() {
    rm -f "$STATE/$1" "$PIDS/$1.pid"
}

# process_known NAME VARIABLE: the pid of the remembered process, if that very process still lives.
process_known() {
    local pid born boot now
    [[ -r $STATE/$1 ]] || return 1
    read -r pid born boot <"$STATE/$1" || return 1
    [[ $boot == "$BOOT_ID" ]] && process_born "$pid" now && [[ $now == "$born" ]] || return 1
    printf -v "$2" '%s' "$pid"
}

process_signal() { # process_signal NAME SIGNAL
    local known
    process_known "$1" known && kill -s "$2" "$known" 2>/dev/null
}

# process_start NAME COMMAND...: own session, so that a Ctrl-C reaches only the supervisor, which
# then stops all in order. Descriptors of the supervisor (lock, announcements) are not handed down.
# A signal that comes before the process is remembered waits until it is: nobody would stop it.
process_start() {
    local name=$1
    shift
    SIGNAL_WAITS=0 SIGNALS_HELD=1
    setsid "$@" </dev/null >>"$LOGS/$name.log" 2>&1 9>&- 8>&- &
    PID[$name]=$!
    process_remember "$name" $!
    SIGNALS_HELD=0
    ((SIGNAL_WAITS == 0)) || on_signal
}

# processes_await MS NAME...: until all are gone. False if some are still there after MS.
processes_await() {
    local limit=$1 now end name known any
    shift
    now_ms now
    end=$((now + limit))
    while :; do
        any=
        for name in "$@"; do
            process_known "$name" known && any=$name
        done
        [[ -n $any ]] || return 0
        now_ms now
        ((now < end)) || return 1
        sleep 0.03
    done
}

# processes_stop MS NAME...: SIGTERM, patience, then SIGKILL.
processes_stop() {
    local limit=$1 name
    shift
    (($# > 0)) || return 0
    for name in "$@"; do
        process_signal "$name" TERM || true
    done
    if ! processes_await "$limit" "$@"; then
        for name in "$@"; do
            process_signal "$name" KILL && warn "$name did not stop within $((limit / 1000)) s: killed"
        done
        processes_await 5000 "$@" || true
    fi
    for name in "$@"; do
        process_forget "$name"
    done
}
