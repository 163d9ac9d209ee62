---- audit ----
local audit
do

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
  h[2] = given(h[2])
  local repaired, user = audit_queue(c, id, status, h), h[2]
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

-- Ids in users' sets whose record is gone: all of a set's, or a sample of one that is larger than a step.
local function audit_live(c, count)
  local ns, repaired = c.ns, 0
  local scan = call('SCAN', call('HGET', ns .. 'meta', 'auditLive') or '0', 'MATCH', ns .. 'live:*', 'COUNT', count)
  for _, key in ipairs(scan[2]) do
    local user = sub(key, #ns + 6)
    for _, id in ipairs(call('SRANDMEMBER', key, tostring(count))) do
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

function audit(K, A)
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

end
