---- housekeeping: promote and reap ----
local tick
do

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

local TIMED_OUT = {
  code = 'TIMEOUT', message = 'The transfer took longer than it may. Try again, or give it more time.', retryable = '1'
}

local function reap_one(c, id, record_ttl_ms, changes)
  local h = end_read(id)
  if h[H_STATUS] ~= 'running' then -- a leftover
    put(c.zrem, c.ns .. 'lease', id)
    return
  end
  local g, status, version = end_read_rest(id, h), nil, nil
  end_doubtful(c, id, h[H_FENCE])
  if h[H_CANCEL] then
    status, version = end_canceled(c, id, h, g, record_ttl_ms)
  elseif c.now >= count_of(g.deadline) then
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

function tick(K, A)
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

end
