---- reading ----
local stats, snapshot, list
do

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

function stats(K, A)
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

function snapshot(K, A)
  if not A[2] then return bad('missing argument 2') end
  local pairs_of = call('HGETALL', JOB .. A[2])
  if #pairs_of == 0 then return pairs_of end
  local rank = call('ZRANK', K[1] .. 'ready', A[2])
  return { rank and rank + 1 or -1, unpack(pairs_of) }
end

-- "" or names of statuses joined by ','.
local function statuses_wrong(text)
  local known = 0
  local _, commas = gsub(text, ',', ',')
  for name in pairs(STATUS) do
    if find(',' .. text .. ',', ',' .. name .. ',', 1, true) then known = known + 1 end
  end
  if text ~= '' and known ~= commas + 1 then return 'no such status' end
end

function list(K, A)
  local num, ns = numbers(), K[1]
  local why = head_wrong(A, num, 5, { [2] = true, [3] = true, [5] = true }) or statuses_wrong(A[3])
  if why then return bad(why) end
  local limit, reply, wanted = num[A[4]], { '' }, ',' .. A[3] .. ','
  if limit == 0 or limit > LIST_SCAN_MAX then return bad('limit is 1 to ' .. LIST_SCAN_MAX) end
  local key = ns .. (A[2] == '' and 'index' or 'index:' .. A[2])
  local scan = A[3] == '' and limit or LIST_SCAN_MAX
  local ids = call('ZREVRANGEBYLEX', key, A[5] == '' and '+' or '(' .. A[5], '-', 'LIMIT', 0, scan)
  for i = 1, #ids do
    local status = A[3] == '' or try('HGET', JOB .. ids[i], 'status')
    if status == true or type(status) == 'string' and find(wanted, ',' .. status .. ',', 1, true) then
      reply[#reply + 1] = ids[i]
    end
    if #reply > limit or i == scan then
      reply[1] = ids[i]
      break
    end
  end
  return reply
end

end
