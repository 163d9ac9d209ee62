---- the end of an attempt ----

-- h of an end: what every end reads (and, computed, the fence), then what only the others than `completed` do
local H_STATUS, H_RUN, H_CANCEL, H_VERSION, H_LOG, H_USER, H_FENCE = 1, 2, 3, 4, 5, 6, 7
local G_ATTEMPTS, G_MAX, G_FAILURES, G_CRASHES, G_PRIORITY, G_TIMEOUT = 1, 2, 3, 4, 5, 6

local end_read, end_read_rest, end_doubtful, end_canceled, end_charged, end_lost, finish
do

local END = 8 -- id fence end p1 … p5
local FINISHED, REPEATED, FINISH_STALE, REFUSED = 0, 1, 2, 3
local COMPLETED_END, FAILED_END, CANCELED_END, LOST_END = 0, 1, 3, 4 -- and 2 RELEASED

function end_read(id)
  local h = try('HMGET', JOB .. id, 'status', 'run', 'cancel', 'version', 'log', 'userId')
  h[H_USER] = given(h[H_USER])
  h[H_FENCE] = h[H_RUN] and match(h[H_RUN], '^%d+')
  return h
end

function end_read_rest(id, h)
  local g = call('HMGET', JOB .. id, 'attempts', 'maxAttempts', 'failures', 'crashes', 'priority', 'timeoutMs')
  local _
  _, g.deadline, g.seen, g.score, g.broker = match(h[H_RUN] or '', RUN)
  return g
end

-- The attempt may have left a file that no record names: its worker died, or it is given up while it stores. No
-- other attempt has this key (core/artifact_key.h), and this fence can complete nothing any more.
function end_doubtful(c, id, fence)
  if fence then put2(c.zadd, c.ns .. 'garbage', c.text[c.now + DOUBT_MS], id .. '.' .. fence) end
end

local function end_leave(c, id, h, g)
  put(c.zrem, c.lease, id)
  local user = h[H_USER]
  if not user then return end
  put(c.srem, c.ns .. 'running:' .. user, id)
  unpark(c, user)
  if c.waiting > 0 then
    g = g or end_read_rest(id, h)
    settle(c, user, priority_of(g[G_PRIORITY]), g.deadline, g[G_TIMEOUT])
  end
end

-- What a completed record gets besides the fields that all of them do. What was reported would go on saying
-- "fetching" and a count on the way; where nothing was, there is nothing to overwrite: only a recorded report
-- grows the version without an entry in the log. (A damaged record counts as reported.)
local function end_details(h, size, file_name, content_type)
  local more, n = NONE, 0
  if not find(h[H_LOG] or '', ';' .. (h[H_VERSION] or '') .. ':', 1, true) then
    more, n = { 'etaSeconds', '', 'stage', 'done', 'bytesDone', size, 'bytesTotal', size }, 8
  end
  if file_name == '' and content_type == '' then return more end
  if n == 0 then more = {} end
  if file_name ~= '' then more[n + 1], more[n + 2], n = 'fileName', file_name, n + 2 end
  if content_type ~= '' then more[n + 1], more[n + 2] = 'contentType', content_type end
  return more
end

local function end_completed(c, id, h, A, b, expires_ms)
  end_leave(c, id, h)
  local s, version = c.s, count_of(h[H_VERSION]) + 1
  local version_text = c.text[version]
  local log = h[H_LOG] and h[H_LOG] .. ';' or ''
  log = log_trim(log .. version_text .. ':' .. s .. ':c:' .. A[b + 1])
  call('HSET', JOB .. id, 'status', 'completed', 'version', version_text, 'log', log, 'updatedAt', s,
    'progress', '100', 'artifactKey', A[b + 3], 'size', A[b + 4], 'sha256', A[b + 5],
    unpack(end_details(h, A[b + 4], A[b + 6], A[b + 7])))
  make_terminal(c, id, h[H_USER], expires_ms)
  return C, version
end

-- `...`: more fields and their values
local function end_final(c, id, h, g, status, letter, code, record_ttl_ms, ...)
  end_leave(c, id, h, g)
  local version = count_of(h[H_VERSION]) + 1
  call('HSET', JOB .. id, 'status', status, 'version', version, 'updatedAt', c.s, 'etaSeconds', '',
    'log', log_add(h[H_LOG], log_entry(version, c.s, letter, h[H_FENCE], code)), ...)
  make_terminal(c, id, h[H_USER], c.now + record_ttl_ms)
  return STATUS[status], version
end

local function end_failed(c, id, h, g, code, message, retryable, record_ttl_ms)
  return end_final(c, id, h, g, 'failed', 'f', code, record_ttl_ms, 'errorCode', code, 'errorMessage', message,
    'errorRetryable', retryable)
end

function end_canceled(c, id, h, g, record_ttl_ms)
  return end_final(c, id, h, g, 'canceled', 'x', nil, record_ttl_ms)
end

local function end_requeue(c, id, h, code)
  local key, version = JOB .. id, count_of(h[H_VERSION]) + 1
  call('HDEL', key, 'stage', 'bytesDone', 'bytesTotal')
  call('HSET', key, 'status', 'queued', 'version', version, 'updatedAt', c.s, 'run', h[H_FENCE] or '0', 'progress', '',
    'etaSeconds', '', 'log', log_add(h[H_LOG], log_entry(version, c.s, 'q', h[H_FENCE], code)))
  return Q, version
end

-- Back to the old place; `code` if a crash is charged.
local function end_return(c, id, h, g, code)
  end_leave(c, id, h, g)
  make_ready(c, id, old_score(c, priority_of(g[G_PRIORITY]), g.score))
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
function end_charged(c, id, h, g, why, delay_ms, record_ttl_ms)
  local attempts = count_of(g[G_ATTEMPTS]) + 1
  call('HSET', JOB .. id, 'attempts', attempts, 'failures', count_of(g[G_FAILURES]) + 1)
  if why.retryable == '1' and attempts < (tonumber(g[G_MAX] or MAX_ATTEMPTS_DEFAULT) or MAX_ATTEMPTS_DEFAULT) then
    return end_retry_later(c, id, h, g, why.code, delay_ms)
  end
  return end_failed(c, id, h, g, why.code, why.message, why.retryable, record_ttl_ms)
end

local STORE_REFUSED = 'STORE_UNAVAILABLE' -- a failure after which the file may be there all the same
-- The sentences are those of core/job_error.c.
local LOST_MESSAGE = 'Three workers were lost while they ran this job. Try again later.' -- CRASHES_MAX

function end_lost(c, id, h, g, record_ttl_ms)
  if g.seen ~= '1' then return end_return(c, id, h, g) end -- the hand-over was lost, not the worker
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
  if kind == '0' and not h[H_CANCEL] then return FINISHED, end_completed(c, id, h, A, b, c.now + num[A[3]]) end
  local g = end_read_rest(id, h)
  if kind == '4' and g.broker ~= plain(A[2]) then return FINISH_STALE, 0, 0 end
  if kind ~= '2' and (kind ~= '1' or A[b + 3] == STORE_REFUSED) then end_doubtful(c, id, h[H_FENCE]) end
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

-- An end of an attempt that does not run any more. One that stored its file too late is to lose it, unless its
-- fence is still to come: after Redis lost its last writes another attempt may get it again.
local function finish_over(c, A, b, num, h)
  local running, status = h[H_STATUS] == 'running', STATUS[h[H_STATUS] or '']
  local code = status and not running and end_again(h, A, b) or FINISH_STALE
  if code ~= FINISH_STALE then return code, status, count_of(h[H_VERSION]) end
  if A[b + 2] == '0' and (not status or num[A[b + 1]] <= count_of(h[H_FENCE])) then end_doubtful(c, A[b], A[b + 1]) end
  return FINISH_STALE, 0, 0
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

function finish(K, A)
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
      reply[n + 1], reply[n + 2], reply[n + 3] = finish_over(c, A, b, num, h)
    end
    n = n + 3
  end
  commit(c)
  return reply
end

end
