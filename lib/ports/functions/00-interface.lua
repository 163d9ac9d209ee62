#!lua name=longhaul
--[[ The truth about jobs: every change of a job is one function of this library, so one atomic step.

  The files of this folder are joined in the order of their names into one Redis library, one Lua chunk, and a
  chunk may have 200 locals at a time. So from 30 on a file is a block: it names in front of its `do` what the
  later ones see, and the rest is its own (scripts/check-functions counts). What comes before is seen by all.

  FCALL <function> 1 <ns> <args...>     ns = "lh:{<shard>}:"     e.g. FCALL lh_tick 1 lh:{0}: 0 604800000

A function checks first and writes after: all arguments of a call are validated, and all it has to know
is read, before its first write. A bad argument refuses the whole call with the error "LHARGS <why>" and
nothing is done. Commands are guarded by (status, fence) and safe to repeat. ARGV[1] is always now_ms;
"0" means Redis' own clock (tests drive time with it). Numbers are decimal text. In the layouts below
`i` is an integer reply and `b` a bulk string; replies are flat arrays, items in the order of the call.
At most 256 items a call.

  KEYS AND WHAT IS IN THEM
    download:job:<id>   hash, the record (see below)
    ns ready            zset: can be claimed now; score = (9 - priority) * 9e14 + virtual start tag
    ns delayed          zset: waits for its time; score = due ms
    ns parked           zset: held back by its user's running cap; score as in ready
    ns parked:<user>    zset: the same ids, by user
    ns lease            zset: running; score = ms at which the lease ends
    ns expiry           zset: terminal; score = ms at which its artifact or its record is past retention
    ns garbage          zset: artifact keys to delete; score = ms at which to name them (again): of artifacts past
                        retention, and of attempts that may have stored one that no record will ever name
    ns index, index:<user>   zset, all scores 0: ids sort by age, so lists are ZRANGE BYLEX
    ns live:<user>      set: active (queued or running) ids of a named user
    ns running:<user>   set: running ids of a named user
    ns vt:<priority>    zset: user ('' = all jobs without one) -> virtual finish tag
    ns idem:<owner>:<hash>   string "<id> <fingerprint>", expires
    ns removed:<id>     string: the command that removed this job, for a minute
    ns meta             hash: V<priority> (virtual time), reapAt, graceTo, auditCursor, auditLive
    ns wake             channel: "abort <id>" (a running job was marked for cancel) and "ready <broker>" (a call
                        of this broker, or "ready" if nobody's, put jobs into ready; at most once a call)

  RECORD (seconds unless a name ends in Ms)
    always    status version createdAt updatedAt fileId attempts spec log, and these, '' = null: userId progress
              etaSeconds errorCode errorMessage artifactKey presignedUrl expiresAt (the last two are always ''). Who
              reads the hash itself finds all of them in every status. The rest is absent where null or default:
    if set    timeoutMs (absent 300000), priority (absent 5), maxAttempts (absent 3), failures, crashes,
              retries (absent 0), retryBy (the command that retried it last)
    run       the attempt: "fence:deadlineMs:seen:score:broker:worker" from its claim on. seen = "1" after the
              first heartbeat, else ''; score = its place in ready, '' if it was claimed by its submit; ':' and
              ';' in the names are written '_'. A requeue leaves the fence alone ("3"), from which the next claim
              counts on; absent before the first. The fence is also the number of deliveries. After a final end
              fence and worker are those of the last attempt, the rest means nothing.
    running   cancel ("1": marked), and what was reported: progress etaSeconds stage bytesDone bytesTotal
              ('' = unknown). A requeue takes all of these back but the mark.
    waiting   nextAttemptAt (only for an automatic retry; stays until the next claim). A queued record has no
              progress or error fields.
    completed artifactKey size sha256 fileName contentType, progress "100"; updatedAt is when it completed.
              artifactExpired "1" and artifactKey '' once past retention. What was reported is brought up to
              the end: stage "done", and `size` as both byte counts; absent where nothing was.
    failed    errorCode errorMessage errorRetryable ("1" or "0"); canceled: nothing more. Both keep what the
              last attempt reported.
    stage     absent = queued while queued, fetching once claimed, done when completed
    cancel means something only until the end; etaSeconds is '' at every end.
    log       entries "version:seconds:letter:attempt:workerId:errorCode" joined by ';', empty trailing parts
              left out; letters q r c f x; attempt = fence of the attempt that ran or ended, 0 left out where
              nothing follows; ':' and ';' inside a worker id or code are written '_'. Newest 64 are kept.
              e.g. "1:1767000000:q;2:1767000000:r:1:w1;3:1767000009:q:1::SOURCE_UNREACHABLE"
              A requeue carries the code of what was charged (failures, TIMEOUT, WORKER_LOST), none if nothing was.
    version grows by 1 at each transition (= each log entry) and at each recorded progress.

  STATUS NUMBERS  0 queued  1 running  2 completed  3 failed  4 canceled      (enum job_status)

  lh_submit   now broker_id queue_max user_active_max user_running_max idempotency_ttl_ms W worker*W
              then 10 per job: id user('') file_id priority delay_ms timeout_ms max_attempts spec
                               idem_key('') fingerprint_hex('')
              reply, 2 per job:  i code, detail
                0 QUEUED    i 0         3 REPLAYED  b the earlier job's id      6 QUEUE_FULL i 0
                1 CLAIMED   i worker    4 CONFLICT  i 0
                2 EXISTS    i 0         5 QUOTA     i 0
              worker = index into workers (0 first), fence is 1, version 2. user_active_max,
              user_running_max: 0 = no limit. Claims happen only if ready was empty at the start.
              idem_key = <owner>:<hash_hex>; an older broker's has no owner: the job's user.
  lh_claim    now broker_id user_running_max worker*W
              reply, 7 per claim: b id, i fence, i version, b file_id, b timeout_ms, b failures, b spec
              the n-th claim goes to the n-th worker. Fewer than W: no more can be claimed, or the step
              was long enough (ask again).
  lh_renew    now broker_id then 2 per attempt: id fence
              reply, 3 per attempt: i hold (0 HELD, 1 STALE, 2 CANCEL), i version, i transition (0 0 unless HELD)
  lh_progress now then 7 per report: id fence percent eta_s stage bytes_done bytes_total
              -1 = unknown (percent, eta_s, bytes_total: the field is '' afterwards); stage = its name
              reply, 4 per report: i hold, i version, i transition, i updated_at_s (0 0 0 unless HELD)
  lh_finish   now broker_id artifact_ttl_ms record_ttl_ms then 8 per end: id fence end p1 p2 p3 p4 p5
              end 0 COMPLETED p1 artifact_key p2 size_bytes p3 sha256_hex p4 file_name('') p5 content_type('')
              end 1 FAILED    p1 code p2 message p3 retryable(0|1) p4 retry_delay_ms p5 ''
              end 2 RELEASED, 3 CANCELED, 4 LOST: p1..p5 ''
              reply, 3 per end: i code (0 FINISHED, 1 REPEATED, 2 STALE, 3 REFUSED), i status, i version
              (0 0 with STALE). The fence is the attempt's; LOST also needs broker = the caller's.
              REFUSED: the cancel mark was first and the job is canceled now, also when asked again.
  lh_cancel   now record_ttl_ms id        reply: i code, i status, i version (0 0 with GONE)
  lh_retry    now user_active_max id command queue_max    reply: the same (an older broker has no queue_max: no limit)
  lh_remove   now id command                      reply: the same
              command ('' or not there = none) is the same whenever one command is sent again: DONE if this very one was done
              0 DONE 1 UNDERWAY 2 ALREADY 3 TERMINAL 4 ACTIVE 5 COMPLETED 6 LIMIT 7 GONE 8 QUOTA 9 QUEUE_FULL
  lh_tick     now record_ttl_ms
              reply: i ready, i next_due_ms (until the next delayed job; -1 none), i more (0|1),
                     then 3 per change: b id, i status, i version
              A job that became claimable because its delay is over is no change of its record: it is in `ready`.
  lh_expire   now record_ttl_ms keys_max  reply: i more (0|1), b artifact_key *  (due now; named again in 60 s unless
                                                 discarded)
  lh_discarded now artifact_key*          reply: i how many were known
  lh_audit    now record_ttl_ms count     reply: i seen, i repaired, i wrapped (0|1). The cursor is kept in meta.
  lh_stats    now                         reply: i ready, i delayed, i running, i parked, i kept (terminal), i garbage,
                                                 i oldest_waiting_ms (-1 none; over the heads of the ten priorities)
  lh_snapshot now id                      reply: i queue_position (1 = next; -1 unknown), b field, b value, ...; [] if gone
  lh_list     now user('' = all) status('' = all, else names joined by ',') limit cursor('' = from the newest)
              reply: b next_cursor ('' = the end), b id *      newest first; may be short of limit, or empty,
              before the end (bounded scan: go on with the cursor)
  lh_version  (none)                      reply: i version of this library

  hash-max-listpack-value 1024 in redis.conf keeps records compact: with the default of 64 one longer log or
  spec turns a record into a hash table (measured: 2250 bytes a completed job in place of 1000, all keys counted).

  lh_submit and lh_retry are refused by a full Redis (OOM); everything else is allowed to run, so that what
  was accepted can end. lh_snapshot, lh_list, lh_stats, lh_version write nothing.
]]

-- One more with every change of what functions do: a broker loads its text where a lower version is.
local VERSION = 8

local LEASE_FIRST_MS = 10000 -- until the worker's first heartbeat
local LEASE_MS = 20000
local LEASE_MARGIN_MS = 5000 -- a lease may outlast the attempt's deadline by this
local REAP_EVERY_MS = 1000
local GRACE_MS = 5000 -- nobody reaped for so long: extend leases once instead of reaping
local GARBAGE_AGAIN_MS = 60000
local DOUBT_MS = 5000 -- until what an attempt may have stored is named: what is being stored has its name by then
local TIMEOUT_BACKOFF_MS = 1000 -- doubles with each charged attempt
local TIMEOUT_BACKOFF_MAX_MS = 60000
local CRASHES_MAX = 3
local RETRIES_MAX = 3
local REMOVED_KEPT_MS = 60000 -- far longer than anyone repeats a command
local MAX_ATTEMPTS_DEFAULT = 3
local TIMEOUT_MS_DEFAULT = '300000'
local LOG_MAX = 64
local LOG_TRIM_FROM = 900 -- bytes; a shorter log cannot hold 65 entries ("1:1767000000:q" and ';')
local BATCH_MAX = 256 -- items in a call: 2 x 256 arguments stay far below unpack's limit of 7999
local STEP_MAX = 200 -- jobs that one step of housekeeping changes
local GRACE_STEP_MAX = 1000 -- leases that one step of the grace rule extends
local LIST_SCAN_MAX = 1000
local NUMBER_MAX = 9007199254740991

-- Fair queueing. Each priority is a band of its own with a virtual clock V: the start tag of the job
-- that was claimed last. A new job starts at max(V, its user's finish tag) and moves that on by what a
-- job costs at least; an attempt that took longer charges the rest at its end (never less: a refund could
-- let a job overtake an older one of the same user). What a submit claims at once was served while
-- nobody waited and is not charged.
local BAND = 9e14
local TAG_MAX = 8.9e14
local JOB_COST_MS = 1000

local Q, R, C, F, X = 0, 1, 2, 3, 4
local STATUS = { queued = Q, running = R, completed = C, failed = F, canceled = X }
local JOB = 'download:job:'
local NONE = {}
local RUN = '^(%d+):(%d+):(1?):([^:]*):([^:]*):(.*)$' -- fence deadlineMs seen score broker worker

-- No global but redis.register_function exists while a library loads: `run` fills these at the first call.
local call, try, tonumber, tostring, unpack, floor, max, min, find, match, gsub, sub
local function bind()
  call, try, tonumber, tostring, unpack = redis.call, redis.pcall, _G.tonumber, _G.tostring, _G.unpack
  floor, max, min = math.floor, math.max, math.min
  find, match, gsub, sub = string.find, string.match, string.gsub, string.sub
end
