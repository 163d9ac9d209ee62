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
local function given(text) return text ~= '' and text end -- of a field that is '' for null
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
  local lease, expiry = ns .. 'lease', ns .. 'expiry'
  local ready = call('ZCARD', ns .. 'ready')
  call('ZCARD', lease)
  call('ZCARD', expiry)
  call('ZCARD', ns .. 'index')
  call('HLEN', ns .. 'meta')
  return {
    ns = ns, lease = lease, expiry = expiry, now = now, s = tostring(floor(now / 1000)), text = setmetatable({}, text_meta),
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
  local p = c.text[9 - band]
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
  local timeout = count_of(timeout_ms or TIMEOUT_MS_DEFAULT)
  local took = c.now - (deadline_ms and tonumber(deadline_ms) or c.now) + timeout
  local extra = min(took, timeout) - JOB_COST_MS
  if extra > 0 then set_finish_tag(c, p, user, min(tag + extra, TAG_MAX)) end
end
