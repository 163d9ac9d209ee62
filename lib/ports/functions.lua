#!lua name=longhaul
--[[ The truth about jobs: every change of a job is one function of this file, so one atomic step.

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
    ns garbage          zset: artifact keys to delete; score = ms at which to name them again
    ns index, index:<user>   zset, all scores 0: ids sort by age, so lists are ZRANGE BYLEX
    ns live:<user>      set: active (queued or running) ids of a named user
    ns running:<user>   set: running ids of a named user
    ns vt:<priority>    zset: user ('' = all jobs without one) -> virtual finish tag
    ns idem:<user>:<hash>    string "<id> <fingerprint>", expires
    ns meta             hash: V<priority> (virtual time), reapAt, graceTo, auditCursor, auditLive
    ns wake             channel: "abort <id>" (a running job was marked for cancel) and "ready <broker>" (a call
                        of this broker, or "ready" if nobody's, put jobs into ready; at most once a call)

  RECORD (absent = null or default; seconds unless a name ends in Ms)
    always    status version createdAt updatedAt fileId attempts timeoutMs spec log
    if set    userId, priority (absent 5), maxAttempts (absent 3), fence (absent 0; it is also the number of
              deliveries), failures, crashes, retries (absent 0)
    running   workerId broker deadlineMs stage, leaseSeen ("1" after the first heartbeat), cancel ("1": marked),
              score (of ready, absent if it was claimed by its submit),
              progress etaSeconds bytesDone bytesTotal once known
              A requeue removes all of these; after a final end broker, deadlineMs, leaseSeen, cancel and score
              may still stand there and mean nothing.
    waiting   nextAttemptAt (only for an automatic retry; stays until the next claim). stage is absent while
              queued. A queued record has no progress, error or worker fields.
    completed artifactKey size sha256 fileName contentType completedAt, progress "100", stage "done", bytesDone,
              bytesTotal; artifactExpired "1" in place of artifactKey once past retention
    failed    errorCode errorMessage errorRetryable ("1" or "0"); canceled: nothing more. Both keep the last
              attempt's stage, progress, bytesDone, bytesTotal; etaSeconds goes. workerId stays in all three.
    log       entries "version:seconds:letter:attempt:workerId:errorCode" joined by ';', empty trailing parts
              left out; letters q r c f x; attempt = fence of the attempt that ran or ended, 0 left out where
              nothing follows; ':' and ';' inside a worker id or code are written '_'. Newest 64 are kept.
              e.g. "1:1767000000:q;2:1767000000:r:1:w1;3:1767000009:q:1::SOURCE_UNREACHABLE"
              A requeue carries the code of what was charged (failures, TIMEOUT, WORKER_LOST), none if nothing was.
    version grows by 1 at each transition (= each log entry) and at each recorded progress.

  STATUS NUMBERS  0 queued  1 running  2 completed  3 failed  4 canceled      (enum job_status)

  lh_submit   now broker_id queue_max user_active_max user_running_max idempotency_ttl_ms W worker*W
              then 10 per job: id user('') file_id priority delay_ms timeout_ms max_attempts spec
                               idem_hash_hex('') fingerprint_hex('')
              reply, 2 per job:  i code, detail
                0 QUEUED    i 0         3 REPLAYED  b the earlier job's id      6 QUEUE_FULL i 0
                1 CLAIMED   i worker    4 CONFLICT  i 0
                2 EXISTS    i 0         5 QUOTA     i 0
              worker = index into workers (0 first), fence is 1, version 2. user_active_max,
              user_running_max: 0 = no limit. Claims happen only if ready was empty at the start.
  lh_claim    now broker_id user_running_max worker*W
              reply, 7 per claim: b id, i fence, i version, b file_id, b timeout_ms, b failures, b spec
              the n-th claim goes to the n-th worker. Fewer than W: no more can be claimed, or the step
              was long enough (ask again).
  lh_renew    now broker_id then 2 per attempt: id fence
              reply, 3 per attempt: i hold (0 HELD, 1 STALE, 2 CANCEL), i version, i transition (0 0 unless HELD)
  lh_progress now then 7 per report: id fence percent eta_s stage bytes_done bytes_total
              -1 = unknown (percent, eta_s, bytes_total: the field is absent afterwards); stage = its name
              reply, 4 per report: i hold, i version, i transition, i updated_at_s (0 0 0 unless HELD)
  lh_finish   now broker_id artifact_ttl_ms record_ttl_ms then 8 per end: id fence end p1 p2 p3 p4 p5
              end 0 COMPLETED p1 artifact_key p2 size_bytes p3 sha256_hex p4 file_name('') p5 content_type('')
              end 1 FAILED    p1 code p2 message p3 retryable(0|1) p4 retry_delay_ms p5 ''
              end 2 RELEASED, 3 CANCELED, 4 LOST: p1..p5 ''
              reply, 3 per end: i code (0 FINISHED, 1 REPEATED, 2 STALE, 3 REFUSED), i status, i version
              (0 0 with STALE). The fence is the attempt's; LOST also needs broker = the caller's.
              REFUSED: the cancel mark was first and the job is canceled now, also when asked again.
  lh_cancel   now record_ttl_ms id        reply: i code, i status, i version (0 0 with GONE)
  lh_retry    now user_active_max id      reply: the same
  lh_remove   now id                      reply: the same
              0 DONE 1 UNDERWAY 2 ALREADY 3 TERMINAL 4 ACTIVE 5 COMPLETED 6 LIMIT 7 GONE 8 QUOTA
  lh_tick     now record_ttl_ms
              reply: i ready, i next_due_ms (until the next delayed job; -1 none), i more (0|1),
                     then 3 per change: b id, i status, i version
              A job that became claimable because its delay is over is no change of its record: it is in `ready`.
  lh_expire   now record_ttl_ms keys_max  reply: b artifact_key *  (due now; named again in 60 s unless discarded)
  lh_discarded now artifact_key*          reply: i how many were known
  lh_audit    now record_ttl_ms count     reply: i seen, i repaired, i wrapped (0|1). The cursor is kept in meta.
  lh_stats    now                         reply: i ready, i delayed, i running, i parked, i kept (terminal), i garbage,
                                                 i oldest_waiting_ms (-1 none; over the heads of the ten priorities)
  lh_snapshot now id                      reply: i queue_position (1 = next; -1 unknown), b field, b value, ...; [] if gone
  lh_list     now user('' = all) status('' = all, else its name) limit cursor('' = from the newest)
              reply: b next_cursor ('' = the end), b id *      newest first; may be short of limit, or empty,
              before the end (bounded scan: go on with the cursor)
  lh_version  (none)                      reply: i version of this library

  hash-max-listpack-value 1024 in redis.conf keeps records compact: with the default of 64 one longer log or
  spec turns a record into a hash table (measured: 2250 bytes a completed job in place of 1000, all keys counted).

  lh_submit and lh_retry are refused by a full Redis (OOM); everything else is allowed to run, so that what
  was accepted can end. lh_snapshot, lh_list, lh_stats, lh_version write nothing.
]]

local VERSION = 1

local LEASE_FIRST_MS = 10000 -- until the worker's first heartbeat
local LEASE_MS = 20000
local LEASE_MARGIN_MS = 5000 -- a lease may outlast the attempt's deadline by this
local REAP_EVERY_MS = 1000
local GRACE_MS = 5000 -- nobody reaped for so long: extend leases once instead of reaping
local GARBAGE_AGAIN_MS = 60000
local TIMEOUT_BACKOFF_MS = 1000 -- doubles with each charged attempt
local TIMEOUT_BACKOFF_MAX_MS = 60000
local CRASHES_MAX = 3
local RETRIES_MAX = 3
local MAX_ATTEMPTS_DEFAULT = 3
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

-- No global but redis.register_function exists while a library loads: `run` fills these at the first call.
local call, try, tonumber, tostring, unpack, floor, max, min, find, match, gsub, sub
local function bind()
  call, try, tonumber, tostring, unpack = redis.call, redis.pcall, _G.tonumber, _G.tostring, _G.unpack
  floor, max, min = math.floor, math.max, math.min
  find, match, gsub, sub = string.find, string.match, string.gsub, string.sub
end

---- arguments ----

-- Memo of a call: decimal text -> number, or false.
local number_meta = {
  __index = function(memo, text)
    local n = false
    if #text <= 16 and find(text, '^%d+$') then
      n = tonumber(text)
      if n > NUMBER_MAX then n = false end
    end
    memo[text] = n
    return n
  end
}
local function numbers() return setmetatable({}, number_meta) end

-- A field of a record: what is absent or damaged reads as 0, so that one bad record stops no batch.
local function count_of(text) return text and tonumber(text) or 0 end
local function priority_of(text) return text and find(text, '^%d$') and text or '5' end

-- Memo: a time in ms -> text. Most times in a batch are the same, and a number costs a printf each.
local text_meta = {
  __index = function(memo, n)
    local text = tostring(n)
    memo[n] = text
    return text
  end
}

local function bad(why) return redis.error_reply('LHARGS ' .. why) end

-- The first `count` arguments are numbers, but for those that `text` names.
local function head_wrong(A, num, count, text)
  for i = 1, count do
    if not A[i] then return 'missing argument ' .. i end
    if not (text and text[i]) and not num[A[i]] then return 'argument ' .. i .. ' is not a number' end
  end
end

local function items_wrong(A, first, stride)
  local count = (#A - first + 1) / stride
  if count % 1 ~= 0 then return 'items are not complete' end
  if count > BATCH_MAX then return 'too many items' end
end

---- the context of a call: the time, and what is written at its end ----

-- Also proves, before anything is written, that the shared keys are what they should be.
local function begin(K, now, broker)
  local ns = K[1]
  if now == 0 then
    local t = call('TIME')
    now = t[1] * 1000 + floor(t[2] / 1000)
  end
  local ready = call('ZCARD', ns .. 'ready')
  call('ZCARD', ns .. 'lease')
  call('ZCARD', ns .. 'expiry')
  call('ZCARD', ns .. 'index')
  call('HLEN', ns .. 'meta')
  return {
    ns = ns, now = now, s = tostring(floor(now / 1000)), text = setmetatable({}, text_meta),
    waiting = ready, delayed = call('ZCARD', ns .. 'delayed'), parked = call('ZCARD', ns .. 'parked'),
    zadd = {}, zrem = {}, sadd = {}, srem = {}, v = {}, v_dirty = {}, vt = {}, vt_dirty = {}, wake = false, broker = broker
  }
end

local function put2(lists, key, a, b)
  local l = lists[key]
  if not l then
    lists[key] = { a, b }
    return
  end
  local n = #l
  l[n + 1] = a
  l[n + 2] = b
end

local function put(lists, key, a)
  local l = lists[key]
  if not l then
    lists[key] = { a }
    return
  end
  l[#l + 1] = a
end

-- pcall: a user's key of a wrong type must not stop half of a batch; the audit tells.
local function commit(c)
  local ns = c.ns
  for key, l in pairs(c.zrem) do try('ZREM', key, unpack(l)) end
  for key, l in pairs(c.srem) do try('SREM', key, unpack(l)) end
  for key, l in pairs(c.zadd) do try('ZADD', key, unpack(l)) end
  for key, l in pairs(c.sadd) do try('SADD', key, unpack(l)) end
  for slot, tag in pairs(c.vt_dirty) do try('ZADD', ns .. 'vt:' .. sub(slot, 1, 1), tag, sub(slot, 2)) end
  for p, tag in pairs(c.v_dirty) do call('HSET', ns .. 'meta', 'V' .. p, tag) end
  if c.wake then call('PUBLISH', ns .. 'wake', c.broker and 'ready ' .. c.broker or 'ready') end
end

---- the virtual clock; p is the priority as text ----

local function virtual_time(c, p)
  local v = c.v[p]
  if not v then
    v = tonumber(call('HGET', c.ns .. 'meta', 'V' .. p) or 0)
    c.v[p] = v
  end
  return v
end

local function finish_tag(c, p, user) -- false: the user has none
  local slot = p .. user
  local tag = c.vt[slot]
  if tag == nil then
    local score = try('ZSCORE', c.ns .. 'vt:' .. p, user)
    tag = type(score) == 'string' and tonumber(score)
    c.vt[slot] = tag
  end
  return tag
end

local function set_finish_tag(c, p, user, tag)
  c.vt[p .. user] = tag
  c.vt_dirty[p .. user] = tag
end

local function fresh_score(c, p, user)
  local tag = min(max(virtual_time(c, p), finish_tag(c, p, user) or 0), TAG_MAX)
  set_finish_tag(c, p, user, tag + JOB_COST_MS)
  return (9 - p) * BAND + tag
end

-- The old place in the queue, or the front of the band if the clock began anew or none was recorded.
local function old_score(c, p, score)
  local front = (9 - p) * BAND + virtual_time(c, p)
  return score and min(tonumber(score) or front, front) or front
end

local function advance_clock(c, score)
  local band = floor(score / BAND)
  local p = tostring(9 - band)
  local tag = score - band * BAND
  if tag > virtual_time(c, p) then
    c.v[p] = tag
    c.v_dirty[p] = tag
  end
end

-- Charges what an attempt took beyond the least cost; only named users, and only while jobs wait.
local function settle(c, user, p, deadline_ms, timeout_ms)
  local tag = c.waiting > 0 and finish_tag(c, p, user)
  if not tag then return end
  local timeout = count_of(timeout_ms)
  local took = c.now - (deadline_ms and tonumber(deadline_ms) or c.now) + timeout
  local extra = min(took, timeout) - JOB_COST_MS
  if extra > 0 then set_finish_tag(c, p, user, min(tag + extra, TAG_MAX)) end
end

---- the log ----

local function plain(text) return (gsub(text, '[:;]', '_')) end

local function log_add(log, entry)
  if not log then return entry end
  log = log .. ';' .. entry
  if #log < LOG_TRIM_FROM then return log end
  local _, count = gsub(log, ';', ';')
  for _ = LOG_MAX, count do log = sub(log, find(log, ';', 1, true) + 1) end
  return log
end

-- "…:letter:attempt:workerId:errorCode" with what is empty at the end left out
local function log_entry(version, s, letter, attempt, code)
  local entry = version .. ':' .. s .. ':' .. letter
  if code then return entry .. ':' .. attempt .. '::' .. plain(code) end
  if attempt then return entry .. ':' .. attempt end
  return entry
end

local function log_last_version(log)
  if not log then return 0 end
  return count_of(match(log, '.*;(%d+)') or match(log, '^%d+'))
end

---- places in the queue ----

local function make_ready(c, id, score)
  put2(c.zadd, c.ns .. 'ready', score, id)
  c.wake = true
end

local function park(c, id, user, score)
  put2(c.zadd, c.ns .. 'parked', score, id)
  put2(c.zadd, c.ns .. 'parked:' .. user, score, id)
end

-- One job of this user less is running or ready: the next one that the cap held back may be claimed. So a
-- user with parked jobs always has one that runs or is ready, and none is forgotten.
local function unpark(c, user)
  local ns = c.ns
  if c.parked == 0 then return end
  local next_one = try('ZPOPMIN', ns .. 'parked:' .. user)
  if not next_one[1] then return end
  put(c.zrem, ns .. 'parked', next_one[1])
  make_ready(c, next_one[1], next_one[2])
end

local function make_terminal(c, id, user, expires_ms)
  put2(c.zadd, c.ns .. 'expiry', c.text[expires_ms], id)
  if user then put(c.srem, c.ns .. 'live:' .. user, id) end
end

local function running_room(c, counts, user, cap) -- true if one more of the user's jobs may run
  if cap == 0 then return true end
  local n = counts[user]
  if not n then
    n = try('SCARD', c.ns .. 'running:' .. user)
    n = type(n) == 'number' and n or 0
  end
  counts[user] = n + 1
  if n < cap then return true end
  counts[user] = n
  return false
end

---- submit ----

local ITEM = 10 -- id user file_id priority delay_ms timeout_ms max_attempts spec hash fingerprint
local QUEUED, CLAIMED, EXISTS, REPLAYED, CONFLICT, QUOTA, QUEUE_FULL = 0, 1, 2, 3, 4, 5, 6

local function submit_wrong(A, num)
  local why = head_wrong(A, num, 7, { [2] = true })
  if why then return why end
  local first = 8 + num[A[7]]
  if #A < first - 1 then return 'workers are missing' end
  for i = 8, first - 1 do
    if A[i] == '' then return 'a worker without a name' end
  end
  why = items_wrong(A, first, ITEM)
  if why then return why end
  for b = first, #A, ITEM do
    local p, attempts, timeout = num[A[b + 3]], num[A[b + 6]], num[A[b + 5]]
    if A[b] == '' or not num[A[b + 2]] or not p or p > 9 or not num[A[b + 4]] or not timeout or timeout == 0
        or not attempts or attempts == 0 or (A[b + 8] ~= '' and A[b + 9] == '') then
      return 'job ' .. (b - first) / ITEM .. ' is not well formed'
    end
  end
end

-- What the idempotency key says: a code and the earlier id, or nil if the key is new.
local function submit_known(b, A, key, keys)
  local text = keys[key]
  if text == nil then
    text = try('GET', key)
    text = type(text) == 'string' and text
    keys[key] = text
  end
  if not text then return end
  local id, fingerprint = match(text, '^(%S+) (%S+)$')
  if id == A[b] then return EXISTS, 0 end
  if fingerprint ~= A[b + 9] then return CONFLICT, 0 end
  return REPLAYED, id
end

local function submit_has_quota(c, user, limit, live)
  if user == '' or limit == 0 then return true end
  local n = live[user]
  if not n then
    n = try('SCARD', c.ns .. 'live:' .. user)
    n = type(n) == 'number' and n or 0
  end
  live[user] = n
  return n < limit
end

-- Fills `reply` for what is refused or known; the rest is taken in order into `accepted`.
local function submit_decide(c, A, num, first, reply, accepted)
  local limit, keys, live, ids = num[A[4]], {}, {}, {}
  local free = c.waiting == 0 and num[A[7]] or 0 -- workers that the next immediate job may still get
  local room = num[A[3]] - c.waiting - c.delayed - c.parked
  local n = 0
  for b = first, #A, ITEM do
    local id, user, key = A[b], A[b + 1], false
    local code, detail
    if A[b + 8] ~= '' then
      key = c.ns .. 'idem:' .. user .. ':' .. A[b + 8]
      code, detail = submit_known(b, A, key, keys)
    end
    if not code then
      if ids[id] or call('EXISTS', JOB .. id) == 1 then code, detail = EXISTS, 0
      elseif room <= 0 then code, detail = QUEUE_FULL, 0
      elseif not submit_has_quota(c, user, limit, live) then code, detail = QUOTA, 0
      else
        if key then keys[key] = id .. ' ' .. A[b + 9] end
        if live[user] then live[user] = live[user] + 1 end
        ids[id] = true
        accepted[#accepted + 1] = b
        code, detail = QUEUED, 0
        if A[b + 4] == '0' and free > 0 then free = free - 1 else room = room - 1 end
      end
    end
    reply[n + 1], reply[n + 2] = code, detail
    n = n + 2
  end
end

-- Gives workers to the immediate jobs, higher priority first, in order within one: taken[b] = worker
-- index (0 first), or false if the user's running cap parks the job.
local function submit_assign(c, A, num, accepted, taken)
  local workers, cap = c.waiting == 0 and num[A[7]] or 0, num[A[5]]
  if workers == 0 then return end
  local bands, counts, used = {}, {}, 0
  for i = 1, #accepted do
    local b = accepted[i]
    if A[b + 4] == '0' then put(bands, A[b + 3], b) end
  end
  for p = 9, 0, -1 do
    local band = bands[tostring(p)] or NONE
    for i = 1, #band do
      local b = band[i]
      if used == workers then return end
      if A[b + 1] == '' or running_room(c, counts, A[b + 1], cap) then
        taken[b] = used
        used = used + 1
      else
        taken[b] = false
      end
    end
  end
end

local function submit_extra(A, b)
  local user, p, attempts = A[b + 1], A[b + 3], A[b + 6]
  if user == '' and p == '5' and attempts == '3' then return NONE end
  local extra = {}
  if user ~= '' then put2(extra, 1, 'userId', user) end
  if p ~= '5' then put2(extra, 1, 'priority', p) end
  if attempts ~= '3' then put2(extra, 1, 'maxAttempts', attempts) end
  return extra[1]
end

local function submit_queue(c, A, b, num, place)
  local ns, s, id, user = c.ns, c.s, A[b], A[b + 1]
  call('HSET', JOB .. id, 'status', 'queued', 'version', '1', 'log', '1:' .. s .. ':q', 'updatedAt', s, 'createdAt', s,
    'fileId', A[b + 2], 'attempts', '0', 'timeoutMs', A[b + 5], 'spec', A[b + 7], unpack(submit_extra(A, b)))
  if A[b + 4] ~= '0' then
    put2(c.zadd, ns .. 'delayed', c.now + num[A[b + 4]], id)
  elseif place == false then
    park(c, id, user, fresh_score(c, A[b + 3], user))
  else
    make_ready(c, id, fresh_score(c, A[b + 3], user))
  end
end

-- `memo` keeps the texts that most jobs of a batch share.
local function submit_claim(c, A, b, num, worker, memo)
  local s, id, timeout_ms = c.s, A[b], A[b + 5]
  local log, deadline = memo.log[worker], memo.deadline[timeout_ms]
  if not log then
    log = '1:' .. s .. ':q;2:' .. s .. ':r:1:' .. plain(worker)
    memo.log[worker] = log
  end
  if not deadline then
    deadline = c.text[c.now + num[timeout_ms]]
    memo.deadline[timeout_ms] = deadline
    memo.lease[timeout_ms] = c.text[min(c.now + LEASE_FIRST_MS, c.now + num[timeout_ms] + LEASE_MARGIN_MS)]
  end
  -- what the attempt's end reads and writes stands first: a small hash is searched from its front
  call('HSET', JOB .. id, 'status', 'running', 'version', '2', 'fence', '1', 'log', log, 'updatedAt', s, 'stage',
    'fetching', 'deadlineMs', deadline, 'broker', A[2], 'workerId', worker, 'createdAt', s, 'fileId', A[b + 2],
    'attempts', '0', 'timeoutMs', timeout_ms, 'spec', A[b + 7], unpack(submit_extra(A, b)))
  local lease = memo.leases
  local n = #lease
  lease[n + 1], lease[n + 2] = memo.lease[timeout_ms], id
end

local function submit_index(c, A, accepted)
  local ns, index = c.ns, {}
  for i = 1, #accepted do
    local id, user = A[accepted[i]], A[accepted[i] + 1]
    index[2 * i - 1], index[2 * i] = '0', id
    if user ~= '' then
      put2(c.zadd, ns .. 'index:' .. user, '0', id)
      put(c.sadd, ns .. 'live:' .. user, id)
    end
  end
  if #index > 0 then c.zadd[ns .. 'index'] = index end
end

local function submit(K, A)
  local num = numbers()
  local why = submit_wrong(A, num)
  if why then return bad(why) end
  local c = begin(K, num[A[1]], A[2])
  local first, reply, accepted, taken = 8 + num[A[7]], {}, {}, {}
  submit_decide(c, A, num, first, reply, accepted)
  submit_assign(c, A, num, accepted, taken)
  local memo = { log = {}, deadline = {}, lease = {}, leases = {} }
  for i = 1, #accepted do
    local b = accepted[i]
    local worker = taken[b]
    if worker then
      submit_claim(c, A, b, num, A[8 + worker], memo)
      local at = (b - first) / ITEM * 2
      reply[at + 1], reply[at + 2] = CLAIMED, worker
      if A[b + 1] ~= '' then put(c.sadd, c.ns .. 'running:' .. A[b + 1], A[b]) end
    else
      submit_queue(c, A, b, num, worker)
    end
    if A[b + 8] ~= '' then
      call('SET', c.ns .. 'idem:' .. A[b + 1] .. ':' .. A[b + 8], A[b] .. ' ' .. A[b + 9], 'PX', max(num[A[6]], 1))
    end
  end
  if #memo.leases > 0 then c.zadd[c.ns .. 'lease'] = memo.leases end
  submit_index(c, A, accepted)
  commit(c)
  return reply
end

---- claim ----

local CLAIM_SLACK = 32 -- entries looked at beyond one per worker: jobs over their user's cap, leftovers

local function claim_one(c, id, h, score, worker, broker, reply)
  local fence, version = count_of(h[2]) + 1, count_of(h[3]) + 1
  local deadline = c.now + count_of(h[5])
  local entry = version .. ':' .. c.s .. ':r:' .. fence .. ':' .. plain(worker)
  local key = JOB .. id
  call('HSET', key, 'status', 'running', 'version', version, 'updatedAt', c.s, 'fence', fence, 'workerId', worker,
    'broker', broker, 'deadlineMs', c.text[deadline], 'stage', 'fetching', 'score', score, 'log', log_add(h[9], entry))
  if h[10] then call('HDEL', key, 'nextAttemptAt') end
  put2(c.zadd, c.ns .. 'lease', c.text[min(c.now + LEASE_FIRST_MS, deadline + LEASE_MARGIN_MS)], id)
  if h[8] then put(c.sadd, c.ns .. 'running:' .. h[8], id) end
  local n = #reply
  reply[n + 1], reply[n + 2], reply[n + 3], reply[n + 4] = id, fence, version, h[4]
  reply[n + 5], reply[n + 6], reply[n + 7] = h[5], h[6] or '0', h[7]
end

local function claim(K, A)
  local num = numbers()
  local why = head_wrong(A, num, 3, { [2] = true })
  if why or #A - 3 > BATCH_MAX then return bad(why or 'too many workers') end
  local c = begin(K, num[A[1]], A[2])
  local cap, reply, counts, used = num[A[3]], {}, {}, 0
  local waiting = call('ZRANGE', c.ns .. 'ready', 0, 2 * (#A - 3) + CLAIM_SLACK, 'WITHSCORES')
  for i = 1, #waiting, 2 do
    if used == #A - 3 then break end
    local id, score = waiting[i], waiting[i + 1]
    local h = try('HMGET', JOB .. id, 'status', 'fence', 'version', 'fileId', 'timeoutMs', 'failures', 'spec', 'userId',
      'log', 'nextAttemptAt')
    put(c.zrem, c.ns .. 'ready', id)
    if h[1] == 'queued' then -- else a leftover: it is dropped
      if h[8] and not running_room(c, counts, h[8], cap) then
        park(c, id, h[8], score)
      else
        claim_one(c, id, h, score, A[4 + used], A[2], reply)
        advance_clock(c, tonumber(score))
        used = used + 1
      end
    end
  end
  commit(c)
  return reply
end

---- renew, progress ----

local HELD, STALE, CANCEL = 0, 1, 2

-- h: status fence cancel …
local function hold_of(h, fence)
  if h[1] ~= 'running' or h[2] ~= fence then return STALE end
  if h[3] then return CANCEL end
  return HELD
end

local function fences_wrong(A, num, first, stride)
  local why = items_wrong(A, first, stride)
  if why then return why end
  for b = first, #A, stride do
    if A[b] == '' or not num[A[b + 1]] then return 'an attempt is not well formed' end
  end
end

local function renew(K, A)
  local num = numbers()
  local why = head_wrong(A, num, 2, { [2] = true }) or fences_wrong(A, num, 3, 2)
  if why then return bad(why) end
  local c = begin(K, num[A[1]])
  local broker, reply, n = A[2], {}, 0
  local lease_end = c.now + LEASE_MS
  for b = 3, #A, 2 do
    local id = A[b]
    local h = try('HMGET', JOB .. id, 'status', 'fence', 'cancel', 'version', 'log', 'deadlineMs', 'leaseSeen', 'broker')
    local hold = hold_of(h, A[b + 1])
    reply[n + 1], reply[n + 2], reply[n + 3] = hold, 0, 0
    if hold == HELD then
      reply[n + 2], reply[n + 3] = count_of(h[4]), log_last_version(h[5])
      put2(c.zadd, c.ns .. 'lease', c.text[min(lease_end, (h[6] and tonumber(h[6]) or c.now) + LEASE_MARGIN_MS)], id)
      if not h[7] or h[8] ~= broker then call('HSET', JOB .. id, 'leaseSeen', '1', 'broker', broker) end
    end
    n = n + 3
  end
  commit(c)
  return reply
end

local METER = 7 -- id fence percent eta_s stage bytes_done bytes_total
local STAGES = { queued = true, fetching = true, packing = true, uploading = true, done = true }

local function meters_wrong(A, num)
  local why = head_wrong(A, num, 1) or fences_wrong(A, num, 2, METER)
  if why then return why end
  num['-1'] = -1
  for b = 2, #A, METER do
    if not num[A[b + 2]] or not num[A[b + 3]] or not STAGES[A[b + 4]] or num[A[b + 5]] == -1 or not num[A[b + 5]]
        or not num[A[b + 6]] then
      return 'a report is not well formed'
    end
  end
end

local function progress_write(id, A, b, h, version, s)
  local set, gone = { 'status', 'running', 'version', version, 'updatedAt', s, 'stage', A[b + 4], 'bytesDone', A[b + 5] }, {}
  local function meter(name, value, old)
    if value ~= '-1' then
      local n = #set
      set[n + 1], set[n + 2] = name, value
    elseif old then
      gone[#gone + 1] = name
    end
  end
  meter('progress', A[b + 2], h[6])
  meter('etaSeconds', A[b + 3], h[7])
  meter('bytesTotal', A[b + 6], h[8])
  call('HSET', JOB .. id, unpack(set))
  if #gone > 0 then call('HDEL', JOB .. id, unpack(gone)) end
end

local function progress(K, A)
  local num = numbers()
  local why = meters_wrong(A, num)
  if why then return bad(why) end
  local c = begin(K, num[A[1]])
  local reply, n = {}, 0
  for b = 2, #A, METER do
    local h = try('HMGET', JOB .. A[b], 'status', 'fence', 'cancel', 'version', 'log', 'progress', 'etaSeconds', 'bytesTotal')
    local hold = hold_of(h, A[b + 1])
    reply[n + 1], reply[n + 2], reply[n + 3], reply[n + 4] = hold, 0, 0, 0
    if hold == HELD then
      local version = count_of(h[4]) + 1
      reply[n + 2], reply[n + 3], reply[n + 4] = version, log_last_version(h[5]), tonumber(c.s)
      progress_write(A[b], A, b, h, version, c.s)
    end
    n = n + 4
  end
  return reply
end

---- the end of an attempt ----

local END = 8 -- id fence end p1 … p5
local FINISHED, REPEATED, FINISH_STALE, REFUSED = 0, 1, 2, 3
local COMPLETED_END, FAILED_END, RELEASED_END, CANCELED_END, LOST_END = 0, 1, 2, 3, 4

-- h of an end: what every end reads, then what only the others than `completed` do
local H_STATUS, H_FENCE, H_CANCEL, H_VERSION, H_LOG, H_USER, H_ETA, H_DONE, H_TOTAL = 1, 2, 3, 4, 5, 6, 7, 8, 9
local G_ATTEMPTS, G_MAX, G_FAILURES, G_CRASHES, G_SEEN, G_BROKER, G_PRIORITY, G_SCORE, G_DEADLINE, G_TIMEOUT =
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10

local function end_read(id)
  return try('HMGET', JOB .. id, 'status', 'fence', 'cancel', 'version', 'log', 'userId', 'etaSeconds', 'bytesDone',
    'bytesTotal')
end

local function end_read_rest(id)
  return call('HMGET', JOB .. id, 'attempts', 'maxAttempts', 'failures', 'crashes', 'leaseSeen', 'broker', 'priority',
    'score', 'deadlineMs', 'timeoutMs')
end

local function end_leave(c, id, h, g)
  put(c.zrem, c.ns .. 'lease', id)
  local user = h[H_USER]
  if not user then return end
  put(c.srem, c.ns .. 'running:' .. user, id)
  unpark(c, user)
  if c.waiting > 0 then
    g = g or end_read_rest(id)
    settle(c, user, priority_of(g[G_PRIORITY]), g[G_DEADLINE], g[G_TIMEOUT])
  end
end

local function end_completed(c, id, h, A, b, artifact_ttl_ms)
  end_leave(c, id, h)
  local s, size, version = c.s, A[b + 4], tostring(count_of(h[H_VERSION]) + 1)
  local total = h[H_TOTAL] or (h[H_DONE] ~= '0' and h[H_DONE]) or size
  local extra = NONE
  if A[b + 6] ~= '' or A[b + 7] ~= '' then
    extra = {}
    if A[b + 6] ~= '' then extra[1], extra[2] = 'fileName', A[b + 6] end
    if A[b + 7] ~= '' then extra[#extra + 1] = 'contentType'; extra[#extra + 1] = A[b + 7] end
  end
  call('HSET', JOB .. id, 'status', 'completed', 'version', version, 'updatedAt', s, 'completedAt', s, 'progress', '100',
    'stage', 'done', 'bytesDone', total, 'bytesTotal', total, 'artifactKey', A[b + 3], 'size', size, 'sha256', A[b + 5],
    'log', log_add(h[H_LOG], version .. ':' .. s .. ':c:' .. h[H_FENCE]), unpack(extra))
  if h[H_ETA] then call('HDEL', JOB .. id, 'etaSeconds') end
  make_terminal(c, id, h[H_USER], c.now + artifact_ttl_ms)
  return C, tonumber(version)
end

local function end_final(c, id, h, g, status, letter, code, record_ttl_ms)
  end_leave(c, id, h, g)
  local version = count_of(h[H_VERSION]) + 1
  call('HSET', JOB .. id, 'status', status, 'version', version, 'updatedAt', c.s,
    'log', log_add(h[H_LOG], log_entry(version, c.s, letter, h[H_FENCE], code)))
  if h[H_ETA] then call('HDEL', JOB .. id, 'etaSeconds') end
  make_terminal(c, id, h[H_USER], c.now + record_ttl_ms)
  return STATUS[status], version
end

local function end_failed(c, id, h, g, code, message, retryable, record_ttl_ms)
  call('HSET', JOB .. id, 'errorCode', code, 'errorMessage', message, 'errorRetryable', retryable)
  return end_final(c, id, h, g, 'failed', 'f', code, record_ttl_ms)
end

local function end_canceled(c, id, h, g, record_ttl_ms)
  return end_final(c, id, h, g, 'canceled', 'x', nil, record_ttl_ms)
end

local function end_requeue(c, id, h, code)
  local key, version = JOB .. id, count_of(h[H_VERSION]) + 1
  call('HDEL', key, 'progress', 'etaSeconds', 'stage', 'bytesDone', 'bytesTotal', 'leaseSeen', 'workerId', 'broker',
    'deadlineMs', 'score')
  call('HSET', key, 'status', 'queued', 'version', version, 'updatedAt', c.s,
    'log', log_add(h[H_LOG], log_entry(version, c.s, 'q', h[H_FENCE], code)))
  return Q, version
end

-- Back to the old place; `code` if a crash is charged.
local function end_return(c, id, h, g, code)
  end_leave(c, id, h, g)
  make_ready(c, id, old_score(c, priority_of(g[G_PRIORITY]), g[G_SCORE]))
  return end_requeue(c, id, h, code)
end

local function end_retry_later(c, id, h, g, code, delay_ms)
  end_leave(c, id, h, g)
  if delay_ms > 0 then
    local due = c.now + delay_ms
    put2(c.zadd, c.ns .. 'delayed', due, id)
    call('HSET', JOB .. id, 'nextAttemptAt', tostring(math.ceil(due / 1000)))
  else
    make_ready(c, id, fresh_score(c, priority_of(g[G_PRIORITY]), h[H_USER] or ''))
  end
  return end_requeue(c, id, h, code)
end

-- A charged failure: another attempt if there is one left and it can help.
local function end_charged(c, id, h, g, why, delay_ms, record_ttl_ms)
  local attempts = count_of(g[G_ATTEMPTS]) + 1
  call('HSET', JOB .. id, 'attempts', attempts, 'failures', count_of(g[G_FAILURES]) + 1)
  if why.retryable == '1' and attempts < (tonumber(g[G_MAX] or MAX_ATTEMPTS_DEFAULT) or MAX_ATTEMPTS_DEFAULT) then
    return end_retry_later(c, id, h, g, why.code, delay_ms)
  end
  return end_failed(c, id, h, g, why.code, why.message, why.retryable, record_ttl_ms)
end

local LOST_MESSAGE = 'the job lost its worker ' .. CRASHES_MAX .. ' times'

local function end_lost(c, id, h, g, record_ttl_ms)
  if not g[G_SEEN] then return end_return(c, id, h, g) end -- the hand-over was lost, not the worker
  local crashes = count_of(g[G_CRASHES]) + 1
  call('HSET', JOB .. id, 'crashes', crashes)
  if crashes < CRASHES_MAX then return end_return(c, id, h, g, 'WORKER_LOST') end
  return end_failed(c, id, h, g, 'WORKER_LOST', LOST_MESSAGE, '1', record_ttl_ms)
end

-- Was this very end recorded before? The last entry of the log tells.
local function end_again(h, A, b)
  local kind, code = tonumber(A[b + 2]), ''
  if h[H_FENCE] ~= A[b + 1] or not h[H_LOG] then return FINISH_STALE end
  local last = match(h[H_LOG], '.*;(.*)') or h[H_LOG]
  local letter, attempt, recorded = match(last, '^%d+:%d+:(%a):?(%d*):?[^:]*:?(.*)$')
  if attempt ~= A[b + 1] then return FINISH_STALE end
  if letter == 'x' then return kind == CANCELED_END and REPEATED or REFUSED end
  if kind == COMPLETED_END then return letter == 'c' and REPEATED or FINISH_STALE end
  if letter ~= 'q' and letter ~= 'f' then return FINISH_STALE end
  if kind == FAILED_END then code = plain(A[b + 3]) end
  if kind == LOST_END and recorded == 'WORKER_LOST' then return REPEATED end
  return kind ~= CANCELED_END and recorded == code and REPEATED or FINISH_STALE
end

local function finish_one(c, A, b, num, h)
  local id, kind, record_ttl_ms = A[b], A[b + 2], num[A[4]]
  if kind == '0' and not h[H_CANCEL] then return FINISHED, end_completed(c, id, h, A, b, num[A[3]]) end
  local g = end_read_rest(id)
  if kind == '4' and g[G_BROKER] ~= A[2] then return FINISH_STALE, 0, 0 end
  if kind == '3' or h[H_CANCEL] then
    return kind == '3' and FINISHED or REFUSED, end_canceled(c, id, h, g, record_ttl_ms)
  end
  if kind == '1' then
    local why = { code = A[b + 3], message = A[b + 4], retryable = A[b + 5] }
    return FINISHED, end_charged(c, id, h, g, why, num[A[b + 6]], record_ttl_ms)
  end
  if kind == '2' then return FINISHED, end_return(c, id, h, g) end
  return FINISHED, end_lost(c, id, h, g, record_ttl_ms)
end

local function finish_wrong(A, num)
  local why = head_wrong(A, num, 4, { [2] = true }) or fences_wrong(A, num, 5, END)
  if why then return why end
  for b = 5, #A, END do
    local kind = num[A[b + 2]]
    if not kind or kind > 4 then return 'an end is of no known kind' end
    if kind == 0 and (A[b + 3] == '' or not num[A[b + 4]] or A[b + 5] == '') then return 'an artifact is not well formed' end
    if kind == 1 and (A[b + 3] == '' or not num[A[b + 6]] or not (A[b + 5] == '0' or A[b + 5] == '1')) then
      return 'a failure is not well formed'
    end
  end
end

local function finish(K, A)
  local num = numbers()
  local why = finish_wrong(A, num)
  if why then return bad(why) end
  local c = begin(K, num[A[1]], A[2])
  local reply, n = {}, 0
  for b = 5, #A, END do
    local h = end_read(A[b])
    if h[H_STATUS] == 'running' and h[H_FENCE] == A[b + 1] then
      reply[n + 1], reply[n + 2], reply[n + 3] = finish_one(c, A, b, num, h)
    else
      local code = h[H_STATUS] and h[H_STATUS] ~= 'running' and end_again(h, A, b) or FINISH_STALE
      reply[n + 1] = code
      reply[n + 2] = code ~= FINISH_STALE and STATUS[h[H_STATUS]] or 0
      reply[n + 3] = code ~= FINISH_STALE and count_of(h[H_VERSION]) or 0
    end
    n = n + 3
  end
  commit(c)
  return reply
end

---- commands of users ----

local DONE, UNDERWAY, ALREADY, TERMINAL, ACTIVE, IS_COMPLETED, LIMIT, GONE, NO_QUOTA = 0, 1, 2, 3, 4, 5, 6, 7, 8

local function cancel(K, A)
  local num = numbers()
  local why = head_wrong(A, num, 3, { [3] = true })
  if why then return bad(why) end
  local c, id = begin(K, num[A[1]]), A[3]
  local ns, key = c.ns, JOB .. id
  local h = try('HMGET', key, 'status', 'version', 'log', 'userId')
  local status, version = STATUS[h[1] or ''], count_of(h[2])
  if not status then return { GONE, 0, 0 } end
  if status == X then return { ALREADY, X, version } end
  if status ~= Q and status ~= R then return { TERMINAL, status, version } end
  if status == R then
    call('HSET', key, 'cancel', '1')
    call('PUBLISH', ns .. 'wake', 'abort ' .. id)
    return { UNDERWAY, R, version }
  end
  version = version + 1
  call('HSET', key, 'status', 'canceled', 'version', version, 'updatedAt', c.s,
    'log', log_add(h[3], log_entry(version, c.s, 'x')))
  call('HDEL', key, 'nextAttemptAt')
  put(c.zrem, ns .. 'ready', id)
  put(c.zrem, ns .. 'delayed', id)
  put(c.zrem, ns .. 'parked', id)
  if h[4] then
    put(c.zrem, ns .. 'parked:' .. h[4], id)
    if c.parked > 0 and call('ZSCORE', ns .. 'ready', id) then unpark(c, h[4]) end
  end
  make_terminal(c, id, h[4], c.now + num[A[2]])
  commit(c)
  return { DONE, X, version }
end

local function retry(K, A)
  local num = numbers()
  local why = head_wrong(A, num, 3, { [3] = true })
  if why then return bad(why) end
  local c, id, limit = begin(K, num[A[1]]), A[3], num[A[2]]
  local ns, key = c.ns, JOB .. id
  local h = try('HMGET', key, 'status', 'version', 'log', 'userId', 'priority', 'retries')
  local status, version, user = STATUS[h[1] or ''], count_of(h[2]), h[4]
  if not status then return { GONE, 0, 0 } end
  if status == Q or status == R then return { ACTIVE, status, version } end
  if status == C then return { IS_COMPLETED, C, version } end
  local retries = count_of(h[6]) + 1
  if retries > RETRIES_MAX then return { LIMIT, status, version } end
  if not submit_has_quota(c, user or '', limit, {}) then return { NO_QUOTA, status, version } end
  version = version + 1
  call('HSET', key, 'status', 'queued', 'version', version, 'updatedAt', c.s, 'attempts', '0', 'retries', retries,
    'log', log_add(h[3], log_entry(version, c.s, 'q')))
  call('HDEL', key, 'errorCode', 'errorMessage', 'errorRetryable', 'crashes', 'cancel', 'progress', 'etaSeconds', 'stage',
    'bytesDone', 'bytesTotal', 'leaseSeen', 'workerId', 'broker', 'deadlineMs', 'score')
  put(c.zrem, ns .. 'expiry', id)
  if user then put(c.sadd, ns .. 'live:' .. user, id) end
  make_ready(c, id, fresh_score(c, priority_of(h[5]), user or ''))
  commit(c)
  return { DONE, Q, version }
end

-- The record goes, its artifact is named for deletion.
local function drop_record(c, id, user, artifact_key)
  local ns = c.ns
  call('DEL', JOB .. id)
  put(c.zrem, ns .. 'expiry', id)
  put(c.zrem, ns .. 'index', id)
  if user then put(c.zrem, ns .. 'index:' .. user, id) end
  if artifact_key then put2(c.zadd, ns .. 'garbage', c.now, artifact_key) end
end

local function remove(K, A)
  local num = numbers()
  local why = head_wrong(A, num, 2, { [2] = true })
  if why then return bad(why) end
  local c, id = begin(K, num[A[1]]), A[2]
  local h = try('HMGET', JOB .. id, 'status', 'version', 'userId', 'artifactKey')
  local status, version = STATUS[h[1] or ''], count_of(h[2])
  if not status then return { GONE, 0, 0 } end
  if status == Q or status == R then return { ACTIVE, status, version } end
  drop_record(c, id, h[3], h[4])
  commit(c)
  return { DONE, status, version }
end

---- housekeeping: promote and reap ----

local function promote(c)
  local due = call('ZRANGEBYSCORE', c.ns .. 'delayed', '-inf', c.now, 'LIMIT', 0, STEP_MAX)
  for i = 1, #due do
    local id = due[i]
    local h = try('HMGET', JOB .. id, 'status', 'userId', 'priority')
    put(c.zrem, c.ns .. 'delayed', id)
    if h[1] == 'queued' then make_ready(c, id, fresh_score(c, priority_of(h[3]), h[2] or '')) end
  end
  return #due == STEP_MAX
end

local TIMED_OUT = { code = 'TIMEOUT', message = 'the attempt ran longer than its time limit', retryable = '1' }

local function reap_one(c, id, record_ttl_ms, changes)
  local h = end_read(id)
  if h[H_STATUS] ~= 'running' then -- a leftover
    put(c.zrem, c.ns .. 'lease', id)
    return
  end
  local g, status, version = end_read_rest(id), nil, nil
  if h[H_CANCEL] then
    status, version = end_canceled(c, id, h, g, record_ttl_ms)
  elseif c.now >= count_of(g[G_DEADLINE]) then
    local backoff = min(TIMEOUT_BACKOFF_MS * 2 ^ count_of(g[G_ATTEMPTS]), TIMEOUT_BACKOFF_MAX_MS)
    status, version = end_charged(c, id, h, g, TIMED_OUT, backoff, record_ttl_ms)
  else
    status, version = end_lost(c, id, h, g, record_ttl_ms)
  end
  local n = #changes
  changes[n + 1], changes[n + 2], changes[n + 3] = id, status, version
end

local function move_leases(c, ids, lease_end)
  local moved = {}
  for i = 1, #ids do moved[2 * i - 1], moved[2 * i] = lease_end, ids[i] end
  if #ids > 0 then call('ZADD', c.ns .. 'lease', unpack(moved)) end
  return #ids
end

-- Nobody reaped for long: brokers or Redis were away, or the clock jumped ahead. Workers could not renew,
-- so all leases get one more term, in steps towards one fixed end. True when that is done.
local function grace(c, grace_to)
  local meta, lease = c.ns .. 'meta', c.ns .. 'lease'
  if not grace_to or grace_to - c.now < LEASE_MS / 2 or grace_to - c.now > LEASE_MS then
    grace_to = c.now + LEASE_MS
    call('HSET', meta, 'graceTo', grace_to)
  end
  local short = call('ZRANGEBYSCORE', lease, '-inf', '(' .. grace_to, 'LIMIT', 0, GRACE_STEP_MAX)
  if move_leases(c, short, grace_to) == GRACE_STEP_MAX then return false end
  call('HDEL', meta, 'graceTo')
  call('HSET', meta, 'reapAt', c.now)
  return true
end

-- No lease is longer than LEASE_MS unless the clock stepped back: then it would outlive its worker.
local function shorten_leases(c)
  local long = call('ZRANGEBYSCORE', c.ns .. 'lease', '(' .. c.now + LEASE_MS, '+inf', 'LIMIT', 0, GRACE_STEP_MAX)
  move_leases(c, long, c.now + LEASE_MS)
end

-- Returns whether there is more to do at once.
local function reap(c, record_ttl_ms, changes)
  local meta = c.ns .. 'meta'
  local h = call('HMGET', meta, 'reapAt', 'graceTo')
  local last = tonumber(h[1]) or c.now - REAP_EVERY_MS
  if c.now >= last and c.now - last < REAP_EVERY_MS then return false end
  if c.now - last > GRACE_MS then return not grace(c, tonumber(h[2])) end
  shorten_leases(c)
  local over = call('ZRANGEBYSCORE', c.ns .. 'lease', '-inf', c.now, 'LIMIT', 0, STEP_MAX)
  local more = #over == STEP_MAX
  call('HSET', meta, 'reapAt', more and c.now - REAP_EVERY_MS or c.now)
  for i = 1, #over do reap_one(c, over[i], record_ttl_ms, changes) end
  return more
end

-- Finish tags that the virtual clock has passed say nothing; when nothing waits all clocks begin anew.
local function tidy_clocks(c)
  local ns = c.ns
  local idle = call('ZCARD', ns .. 'ready') + call('ZCARD', ns .. 'parked') == 0
  for p = 0, 9 do
    local v = call('HGET', ns .. 'meta', 'V' .. p)
    if idle then
      if v then call('HDEL', ns .. 'meta', 'V' .. p) end
      call('DEL', ns .. 'vt:' .. p)
    elseif v then
      call('ZREMRANGEBYSCORE', ns .. 'vt:' .. p, '-inf', v)
    end
  end
end

local function tick(K, A)
  local num = numbers()
  local why = head_wrong(A, num, 2)
  if why then return bad(why) end
  local c = begin(K, num[A[1]])
  local reply = { 0, -1, 0 }
  local more = promote(c)
  local reaped_before = call('HGET', c.ns .. 'meta', 'reapAt')
  more = reap(c, num[A[2]], reply) or more
  commit(c)
  if call('HGET', c.ns .. 'meta', 'reapAt') ~= reaped_before then tidy_clocks(c) end
  local due = call('ZRANGE', c.ns .. 'delayed', 0, 0, 'WITHSCORES')
  reply[1] = call('ZCARD', c.ns .. 'ready')
  reply[2] = due[2] and max(tonumber(due[2]) - c.now, 0) or -1
  reply[3] = more and 1 or 0
  return reply
end

---- retention ----

local function expire_one(c, id, record_ttl_ms)
  local h = try('HMGET', JOB .. id, 'status', 'artifactKey', 'completedAt', 'userId')
  local status = STATUS[h[1] or '']
  if not status then
    put(c.zrem, c.ns .. 'expiry', id)
    put(c.zrem, c.ns .. 'index', id)
    return
  end
  if status == Q or status == R then
    put(c.zrem, c.ns .. 'expiry', id)
    return
  end
  local record_until = count_of(h[3]) * 1000 + record_ttl_ms
  if not h[2] or record_until <= c.now then return drop_record(c, id, h[4], h[2]) end
  call('HDEL', JOB .. id, 'artifactKey')
  call('HSET', JOB .. id, 'artifactExpired', '1')
  put2(c.zadd, c.ns .. 'garbage', c.now, h[2])
  put2(c.zadd, c.ns .. 'expiry', record_until, id)
end

local function expire(K, A)
  local num = numbers()
  local why = head_wrong(A, num, 3)
  if why or num[A[3]] > STEP_MAX then return bad(why or 'too many keys') end
  local c = begin(K, num[A[1]])
  local garbage = c.ns .. 'garbage'
  call('ZCARD', garbage)
  local over = call('ZRANGEBYSCORE', c.ns .. 'expiry', '-inf', c.now, 'LIMIT', 0, STEP_MAX)
  for i = 1, #over do expire_one(c, over[i], num[A[2]]) end
  commit(c)
  local keys = call('ZRANGEBYSCORE', garbage, '-inf', c.now, 'LIMIT', 0, num[A[3]])
  local again = {}
  for i = 1, #keys do again[2 * i - 1], again[2 * i] = c.now + GARBAGE_AGAIN_MS, keys[i] end
  if #keys > 0 then call('ZADD', garbage, unpack(again)) end
  return keys
end

local function discarded(K, A)
  if not A[1] then return bad('missing argument 1') end
  if #A - 1 > BATCH_MAX then return bad('too many keys') end
  if #A == 1 then return 0 end
  return call('ZREM', K[1] .. 'garbage', unpack(A, 2))
end

---- audit ----

-- Two characters of Crockford's base32 begin every id of this shard.
local function shard_prefix(ns)
  local digits, shard = '0123456789abcdefghjkmnpqrstvwxyz', tonumber(match(ns, '{(%d+)}') or 0)
  local high, low = floor(shard / 32) + 1, shard % 32 + 1
  return sub(digits, high, high) .. sub(digits, low, low)
end

local PLACES = { 'ready', 'delayed', 'parked', 'lease', 'expiry' }

local function audit_requeue(c, id, h)
  local due = count_of(h[3]) * 1000
  if due > c.now then
    put2(c.zadd, c.ns .. 'delayed', due, id)
  else
    make_ready(c, id, fresh_score(c, priority_of(h[4]), h[2] or ''))
  end
end

local function audit_place(c, id, status, h, at)
  if status == Q then
    audit_requeue(c, id, h)
  elseif status == R then
    put2(c.zadd, c.ns .. 'lease', c.now + LEASE_FIRST_MS, id)
  else
    put2(c.zadd, c.ns .. 'expiry', count_of(h[5]) * 1000 + c.record_ttl_ms, id)
  end
end

-- Where a record of each status may be: in exactly one of these places.
local WANTED = { [Q] = { ready = true, delayed = true, parked = true }, [R] = { lease = true }, [C] = { expiry = true },
  [F] = { expiry = true }, [X] = { expiry = true } }

-- The queue's side: exactly one of the places that the status allows.
local function audit_queue(c, id, status, h)
  local ns, wanted, right, wrong = c.ns, WANTED[status], 0, 0
  for _, place in ipairs(PLACES) do
    if call('ZSCORE', ns .. place, id) then
      if wanted[place] and not (place == 'parked' and not (h[2] and try('ZSCORE', ns .. 'parked:' .. h[2], id))) then
        right = right + 1
      else
        wrong = wrong + 1
        put(c.zrem, ns .. place, id)
        if place == 'parked' and h[2] then put(c.zrem, ns .. 'parked:' .. h[2], id) end
      end
    end
  end
  if right == 1 then return wrong > 0 end
  if right > 1 then
    for _, place in ipairs(PLACES) do put(c.zrem, ns .. place, id) end
    if h[2] then put(c.zrem, ns .. 'parked:' .. h[2], id) end
  end
  audit_place(c, id, status, h)
  return true
end

local function audit_member(c, key, id, wanted)
  if (call('SISMEMBER', key, id) == 1) == wanted then return false end
  put(wanted and c.sadd or c.srem, key, id)
  return true
end

local function audit_one(c, id)
  local h = try('HMGET', JOB .. id, 'status', 'userId', 'nextAttemptAt', 'priority', 'updatedAt')
  local status = STATUS[h[1] or '']
  if not status then return false end
  local repaired = audit_queue(c, id, status, h)
  local user = h[2]
  if not call('ZSCORE', c.ns .. 'index', id) then
    put2(c.zadd, c.ns .. 'index', '0', id)
    repaired = true
  end
  if not user then return repaired end
  if not call('ZSCORE', c.ns .. 'index:' .. user, id) then
    put2(c.zadd, c.ns .. 'index:' .. user, '0', id)
    repaired = true
  end
  repaired = audit_member(c, c.ns .. 'live:' .. user, id, status == Q or status == R) or repaired
  return audit_member(c, c.ns .. 'running:' .. user, id, status == R) or repaired
end

-- Ids in users' sets whose record is gone. Quotas keep these sets small.
local function audit_live(c, count)
  local ns, repaired = c.ns, 0
  local scan = call('SCAN', call('HGET', ns .. 'meta', 'auditLive') or '0', 'MATCH', ns .. 'live:*', 'COUNT', count)
  for _, key in ipairs(scan[2]) do
    local user = sub(key, #ns + 6)
    for _, id in ipairs(call('SSCAN', key, '0', 'COUNT', count)[2]) do
      if call('EXISTS', JOB .. id) == 0 then
        put(c.srem, key, id)
        put(c.srem, ns .. 'running:' .. user, id)
        repaired = repaired + 1
      end
    end
  end
  call('HSET', ns .. 'meta', 'auditLive', scan[1])
  return repaired
end

local function audit(K, A)
  local num = numbers()
  local why = head_wrong(A, num, 3)
  if why or num[A[3]] == 0 or num[A[3]] > 1000 then return bad(why or 'count is 1 to 1000') end
  local c = begin(K, num[A[1]])
  c.record_ttl_ms = num[A[2]]
  local meta, prefix, seen = c.ns .. 'meta', shard_prefix(c.ns), 0
  local repaired = audit_live(c, num[A[3]])
  local scan = call('SCAN', call('HGET', meta, 'auditCursor') or '0', 'MATCH', JOB .. '*', 'COUNT', num[A[3]])
  for _, key in ipairs(scan[2]) do
    local id = sub(key, #JOB + 1)
    if sub(id, 1, 2) == prefix then
      seen = seen + 1
      if audit_one(c, id) then repaired = repaired + 1 end
    end
  end
  call('HSET', meta, 'auditCursor', scan[1])
  commit(c)
  return { seen, repaired, scan[1] == '0' and 1 or 0 }
end

---- reading ----

local function time_of(num, A)
  local now = num[A[1]]
  if now > 0 then return now end
  local t = call('TIME')
  return t[1] * 1000 + floor(t[2] / 1000)
end

-- The age of the oldest among the heads of the priorities.
local function oldest_waiting(ns, now)
  local oldest = -1
  for p = 0, 9 do
    local band = (9 - p) * BAND
    local head = call('ZRANGEBYSCORE', ns .. 'ready', band, '(' .. band + BAND, 'LIMIT', 0, 1)
    local since = head[1] and tonumber(call('HGET', JOB .. head[1], 'updatedAt') or now / 1000)
    if since then oldest = max(oldest, now - since * 1000, 0) end
  end
  return oldest
end

local function stats(K, A)
  local num, ns = numbers(), K[1]
  local why = head_wrong(A, num, 1)
  if why then return bad(why) end
  local reply = {}
  for i, name in ipairs({ 'ready', 'delayed', 'lease', 'parked', 'expiry', 'garbage' }) do
    reply[i] = call('ZCARD', ns .. name)
  end
  reply[7] = oldest_waiting(ns, time_of(num, A))
  return reply
end

local function snapshot(K, A)
  if not A[2] then return bad('missing argument 2') end
  local pairs_of = call('HGETALL', JOB .. A[2])
  if #pairs_of == 0 then return pairs_of end
  local rank = call('ZRANK', K[1] .. 'ready', A[2])
  return { rank and rank + 1 or -1, unpack(pairs_of) }
end

local function list(K, A)
  local num, ns = numbers(), K[1]
  local why = head_wrong(A, num, 5, { [2] = true, [3] = true, [5] = true })
  if why or (A[3] ~= '' and not STATUS[A[3]]) then return bad(why or 'no such status') end
  local limit, reply = num[A[4]], { '' }
  if limit == 0 or limit > LIST_SCAN_MAX then return bad('limit is 1 to ' .. LIST_SCAN_MAX) end
  local key = ns .. (A[2] == '' and 'index' or 'index:' .. A[2])
  local scan = A[3] == '' and limit or LIST_SCAN_MAX
  local ids = call('ZREVRANGEBYLEX', key, A[5] == '' and '+' or '(' .. A[5], '-', 'LIMIT', 0, scan)
  for i = 1, #ids do
    if A[3] == '' or call('HGET', JOB .. ids[i], 'status') == A[3] then reply[#reply + 1] = ids[i] end
    if #reply > limit or i == scan then
      reply[1] = ids[i]
      break
    end
  end
  return reply
end

---- registration ----

local function register(name, callback, ...)
  local function run(K, A)
    if not call then bind() end
    return callback(K, A)
  end
  redis.register_function({ function_name = name, callback = run, flags = { ... } })
end
register('lh_submit', submit)
register('lh_retry', retry)
register('lh_claim', claim, 'allow-oom')
register('lh_renew', renew, 'allow-oom')
register('lh_progress', progress, 'allow-oom')
register('lh_finish', finish, 'allow-oom')
register('lh_cancel', cancel, 'allow-oom')
register('lh_remove', remove, 'allow-oom')
register('lh_tick', tick, 'allow-oom')
register('lh_expire', expire, 'allow-oom')
register('lh_discarded', discarded, 'allow-oom')
register('lh_audit', audit, 'allow-oom')
register('lh_stats', stats, 'allow-oom', 'no-writes')
register('lh_snapshot', snapshot, 'allow-oom', 'no-writes')
register('lh_list', list, 'allow-oom', 'no-writes')
register('lh_version', function() return VERSION end, 'allow-oom', 'no-writes')
