# shellcheck shell=bash disable=SC2034,SC2153,SC2154
# Processes of one stack: started, remembered, recognised and stopped. Needs STATE (folder), PIDS
# (folder) and LOGS (folder).
#
# A pid alone is not an identity: after a crash the number may belong to a stranger. So beside the
# public DIR/pids/NAME.pid stands DIR/state/NAME with pid, start time and boot id, and no signal is
# sent unless all three still fit. The supervisor knows its own also without the files (PID, BORN).

BOOT_ID=$(</proc/sys/kernel/random/boot_id)
GROUP_STOP_MS=3000 # ninja ends its compilers within a moment
declare -A PID BORN

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

# process_known NAME VARIABLE: the pid of the remembered process, if that very process still lives. One that
# this shell started is known even when somebody deleted the folder.
process_known() {
    local pid=${PID[$1]:-} born=${BORN[$1]:-} boot=$BOOT_ID now
    if [[ -z $pid ]]; then
        [[ -r $STATE/$1 ]] || return 1
        read -r pid born boot <"$STATE/$1" || return 1
    fi
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
    PID[$name]=$! BORN[$name]=0
    process_born $! "BORN[$name]" || true
    process_remember "$name" $!
    SIGNALS_HELD=0
    ((SIGNAL_WAITS == 0)) || on_signal
}

# Whether the folder's files are this script's, which holds the lock there (descriptor 9): somebody may have deleted the
# folder, and started another stack in one of the same name.
owns_files() {
    [[ ! -e $DATA/run.lock || $DATA/run.lock -ef /dev/fd/9 ]]
}

# processes_of GROUP VARIABLE: the names of those of a group (NAME, NAME-1 ...) that live.
processes_of() {
    local -n found=$2
    local file name known
    local -A all=()
    for file in "$STATE/$1" "$STATE/$1"-*; do
        [[ ! -f $file ]] || ! owns_files || all[${file##*/}]=1
    done
    for name in "${!PID[@]}"; do
        [[ $name != "$1" && $name != "$1"-* ]] || all[$name]=1
    done
    found=()
    for name in "${!all[@]}"; do
        process_known "$name" known && found+=("$name")
    done
    return 0
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
    owns_files || return 0
    for name in "$@"; do
        process_forget "$name"
    done
}

# group_run COMMAND...: in a process group of its own, and waits for it. So a signal that comes to this
# script alone can end all of it at once (group_stop), and does not wait for its end.
group_run() {
    local status=0
    GROUP_RUNS=1
    set -m
    "$@" </dev/null &
    set +m
    wait "$!" || status=$?
    GROUP_RUNS=0
    return "$status"
}

# Ends the group that runs, if one does: SIGTERM, patience while its leader lives, then SIGKILL.
group_stop() {
    local group=${!:-} born now end
    ((${GROUP_RUNS:-0})) && kill -TERM -- "-$group" 2>/dev/null || return 0
    now_ms now
    end=$((now + GROUP_STOP_MS))
    while process_born "$group" born && ((now < end)); do
        sleep 0.03
        now_ms now
    done
    kill -KILL -- "-$group" 2>/dev/null || true
    wait "$group" 2>/dev/null || true # or bash says that it was killed
}
