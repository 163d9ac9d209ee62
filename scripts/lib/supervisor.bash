# shellcheck shell=bash disable=SC2034,SC2153,SC2154
# Keeps the parts of a stack running: a part that dies is started again, at once at first, then
# more and more slowly. Needs stack.bash and process.bash.

BACKOFF_MIN_MS=200
BACKOFF_MAX_MS=5000
HEALTHY_MS=10000 # a part that ran this long starts again with the shortest backoff
TICK_S=2         # looks around at least this often

declare -A STARTED_MS BACKOFF_MS DUE_MS

part_start() {
    local now
    command_of "$1"
    process_start "$1" "${COMMAND[@]}"
    now_ms now
    STARTED_MS[$1]=$now
    unset "DUE_MS[$1]"
}

# part_ended NAME: notes that it is gone, and when to start it again.
part_ended() {
    local now status=0
    wait "${PID[$1]}" 2>/dev/null || status=$?
    unset "PID[$1]" "BORN[$1]"
    now_ms now
    if ((now - STARTED_MS[$1] > HEALTHY_MS)); then
        BACKOFF_MS[$1]=$BACKOFF_MIN_MS
    fi
    local backoff=${BACKOFF_MS[$1]:-$BACKOFF_MIN_MS}
    DUE_MS[$1]=$((now + backoff))
    BACKOFF_MS[$1]=$((backoff * 2 > BACKOFF_MAX_MS ? BACKOFF_MAX_MS : backoff * 2))
    warn "$1 ended ($(status_text "$status")); starting it again in $backoff ms"
}

status_text() {
    if (($1 > 128)); then
        printf 'signal %s' "$(kill -l "$1")"
    else
        printf 'exit status %s' "$1"
    fi
}

parts_note_ended() {
    local name born
    for name in "${!PID[@]}"; do
        process_born "${PID[$name]}" born || part_ended "$name"
    done
}

parts_start_due() {
    local name now
    now_ms now
    for name in "${!DUE_MS[@]}"; do
        ((DUE_MS[$name] <= now)) && part_start "$name"
    done
    return 0
}

# Sleeps until a part ends, one is due, or a tick has passed.
parts_wait() {
    local pause=$TICK_S now name left
    now_ms now
    for name in "${!DUE_MS[@]}"; do
        left=$((DUE_MS[$name] - now))
        ((left < 10)) && left=10
        ((left < 1000)) && printf -v pause '0.%03d' "$left"
    done
    sleep "$pause" >/dev/null 8>&- 9>&- &
    TIMER=$!
    wait -n "$TIMER" "${PID[@]}" 2>/dev/null || true
    kill -KILL "$TIMER" 2>/dev/null || true # no handler of ours may run there, however young it is
    wait "$TIMER" 2>/dev/null || true
    TIMER=
}

supervise() {
    while :; do
        parts_wait
        parts_note_ended
        parts_start_due
    done
}

# await SECONDS TEST NAME WHAT: polls while the part starts. One that dies meanwhile is fatal.
await() {
    local limit=$1 test=$2 name=$3 what=$4 now end born
    now_ms now
    end=$((now + limit * 1000))
    until "$test" "$name"; do
        process_born "${PID[$name]}" born || part_failed "$name" "ended while it was starting"
        now_ms now
        ((now < end)) || part_failed "$name" "$what within $limit s"
        sleep 0.03
    done
}

part_failed() {
    warn "$1 $2; the end of $LOGS/$1.log:"
    tail -n 8 "$LOGS/$1.log" >&2
    fail "$1 did not start"
}

stack_start() {
    local name
    part_start redis
    await "$REDIS_START_S" redis_answers redis "did not answer"
    for name in "${BROKERS[@]}" "${WORKERS[@]}" "${GATEWAYS[@]}"; do
        part_start "$name"
    done
    for name in "${BROKERS[@]}"; do
        await "$START_S" broker_bound "$name" "did not bind its sockets"
    done
    for name in "${WORKERS[@]}"; do
        await "$START_S" worker_welcomed "$name" "was not welcomed by a broker"
    done
    for name in "${GATEWAYS[@]}"; do
        await "$START_S" gateway_ready "$name" "was not ready"
    done
}

# In the order in which nothing is lost: no new requests, running jobs finish or go back to the
# queue, what brokers have in hand is recorded, and Redis writes its log last.
stack_stop() {
    local names group
    for group in gateway worker broker redis; do
        processes_of "$group" names
        processes_stop $(((DRAIN_S + 5) * 1000)) "${names[@]}"
    done
    owns_files || return 0
    rm -f "$STATE"/gateway-* "$STATE"/worker-* "$STATE"/broker-* "$STATE"/redis
    rm -f "$PIDS"/{gateway,worker,broker}-*.pid "$PIDS/redis.pid"
    stack_remove_sock
}

# A second Ctrl-C: those who are still draining let go at once.
stack_hurry() {
    local names group name
    is_supervisor || exit 143
    for group in gateway worker; do
        processes_of "$group" names
        for name in "${names[@]}"; do
            process_signal "$name" TERM
        done
    done
    return 0
}
