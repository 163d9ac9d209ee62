---- the log ----

local function plain(text) return (gsub(text, '[:;]', '_')) end

local function log_trim(log)
  if #log < LOG_TRIM_FROM then return log end
  local _, count = gsub(log, ';', ';')
  for _ = LOG_MAX, count do log = sub(log, find(log, ';', 1, true) + 1) end
  return log
end

local function log_add(log, entry) return log and log_trim(log .. ';' .. entry) or entry end

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

---- the attempt: `run` of a record ----

local function fence_of(run) return run and match(run, '^%d+') end

local function run_text(fence, deadline_ms, seen, score, broker, worker)
  return fence .. ':' .. deadline_ms .. ':' .. seen .. ':' .. score .. ':' .. broker .. ':' .. worker
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
  put2(c.zadd, c.expiry, c.text[expires_ms], id)
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
