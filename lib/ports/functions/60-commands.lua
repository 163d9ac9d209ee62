---- commands of users ----
local cancel, retry, drop_record, remove
do

local CMD = {
  DONE = 0, UNDERWAY = 1, ALREADY = 2, TERMINAL = 3, ACTIVE = 4, COMPLETED = 5, LIMIT = 6, GONE = 7, NO_QUOTA = 8, NO_ROOM = 9
}

function cancel(K, A)
  local num = numbers()
  local why = head_wrong(A, num, 3, { [3] = true })
  if why then return bad(why) end
  local c, id = begin(K, num[A[1]]), A[3]
  local ns, key = c.ns, JOB .. id
  local h = try('HMGET', key, 'status', 'version', 'log', 'userId')
  local status, version, user = STATUS[h[1] or ''], count_of(h[2]), given(h[4])
  if not status then return { CMD.GONE, 0, 0 } end
  if status == X then return { CMD.ALREADY, X, version } end
  if status ~= Q and status ~= R then return { CMD.TERMINAL, status, version } end
  if status == R then
    call('HSET', key, 'cancel', '1')
    call('PUBLISH', ns .. 'wake', 'abort ' .. id)
    return { CMD.UNDERWAY, R, version }
  end
  version = version + 1
  call('HSET', key, 'status', 'canceled', 'version', version, 'updatedAt', c.s,
    'log', log_add(h[3], log_entry(version, c.s, 'x')))
  call('HDEL', key, 'nextAttemptAt')
  put(c.zrem, ns .. 'ready', id)
  put(c.zrem, ns .. 'delayed', id)
  put(c.zrem, ns .. 'parked', id)
  if user then
    put(c.zrem, ns .. 'parked:' .. user, id)
    if c.parked > 0 and call('ZSCORE', ns .. 'ready', id) then unpark(c, user) end
  end
  make_terminal(c, id, user, c.now + num[A[2]])
  commit(c)
  return { CMD.DONE, X, version }
end

function retry(K, A)
  local num = numbers()
  local why = head_wrong(A, num, 3, { [3] = true })
  local queue_max = not A[5] and NUMBER_MAX or num[A[5]]
  if not queue_max then why = why or 'argument 5 is not a number' end
  if why then return bad(why) end
  local c, id, limit, command = begin(K, num[A[1]]), A[3], num[A[2]], given(A[4])
  local ns, key = c.ns, JOB .. id
  local h = try('HMGET', key, 'status', 'version', 'log', 'userId', 'priority', 'retries', 'run', 'retryBy')
  local status, version, user = STATUS[h[1] or ''], count_of(h[2]), given(h[4])
  if not status then return { CMD.GONE, 0, 0 } end
  if command and h[8] == command then return { CMD.DONE, status, version } end
  if status == Q or status == R then return { CMD.ACTIVE, status, version } end
  if status == C then return { CMD.COMPLETED, C, version } end
  local retries = count_of(h[6]) + 1
  if retries > RETRIES_MAX then return { CMD.LIMIT, status, version } end
  if queue_room(c, queue_max) <= 0 then return { CMD.NO_ROOM, status, version } end
  if not submit_has_quota(c, user or '', limit, {}) then return { CMD.NO_QUOTA, status, version } end
  version = version + 1
  call('HSET', key, 'status', 'queued', 'version', version, 'updatedAt', c.s, 'attempts', '0', 'retries', retries,
    'progress', '', 'etaSeconds', '', 'errorCode', '', 'errorMessage', '', 'log', log_add(h[3], log_entry(version, c.s, 'q')))
  if h[7] then call('HSET', key, 'run', fence_of(h[7]) or '0') end
  if command then call('HSET', key, 'retryBy', command) end
  call('HDEL', key, 'errorRetryable', 'crashes', 'cancel', 'stage', 'bytesDone', 'bytesTotal')
  put(c.zrem, ns .. 'expiry', id)
  if user then put(c.sadd, ns .. 'live:' .. user, id) end
  make_ready(c, id, fresh_score(c, priority_of(h[5]), user or ''))
  commit(c)
  return { CMD.DONE, Q, version }
end

-- The record goes, its artifact is named for deletion.
function drop_record(c, id, user, artifact_key)
  local ns = c.ns
  call('DEL', JOB .. id)
  put(c.zrem, ns .. 'expiry', id)
  put(c.zrem, ns .. 'index', id)
  if user then put(c.zrem, ns .. 'index:' .. user, id) end
  if artifact_key then put2(c.zadd, ns .. 'garbage', c.now, artifact_key) end
end

function remove(K, A)
  local num = numbers()
  local why = head_wrong(A, num, 2, { [2] = true })
  if why then return bad(why) end
  local c, id, command = begin(K, num[A[1]]), A[2], given(A[3])
  local h = try('HMGET', JOB .. id, 'status', 'version', 'userId', 'artifactKey')
  local status, version, removed = STATUS[h[1] or ''], count_of(h[2]), c.ns .. 'removed:' .. id
  if not status then
    local done = command and try('GET', removed) == command
    return { done and CMD.DONE or CMD.GONE, 0, 0 }
  end
  if status == Q or status == R then return { CMD.ACTIVE, status, version } end
  if command then call('SET', removed, command, 'PX', REMOVED_KEPT_MS) end
  drop_record(c, id, given(h[3]), given(h[4]))
  commit(c)
  return { CMD.DONE, status, version }
end

end
