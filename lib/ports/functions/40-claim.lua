---- claim ----
local claim
do

local CLAIM_SLACK = 32 -- entries looked at beyond one per worker: jobs over their user's cap, leftovers

-- What earlier attempts left: run failures nextAttemptAt. A record of version 1 is as its submit wrote it.
local function claim_read_past(id, version)
  if version == '1' then return NONE end
  return call('HMGET', JOB .. id, 'run', 'failures', 'nextAttemptAt')
end

-- h: status version log fileId spec timeoutMs userId
local function claim_one(c, id, h, score, worker, broker, reply)
  local past = claim_read_past(id, h[2])
  local fence, version = count_of(fence_of(past[1])) + 1, count_of(h[2]) + 1
  local timeout_ms = h[6] or TIMEOUT_MS_DEFAULT
  local deadline, key, text = c.now + count_of(timeout_ms), JOB .. id, c.text
  worker = plain(worker)
  local entry = text[version] .. ':' .. c.s .. ':r:' .. text[fence] .. ':' .. worker
  call('HSET', key, 'status', 'running', 'version', text[version], 'updatedAt', c.s,
    'run', run_text(text[fence], text[deadline], '', score, broker, worker), 'log', log_add(h[3], entry))
  if past[3] then call('HDEL', key, 'nextAttemptAt') end
  put2(c.zadd, c.lease, text[min(c.now + LEASE_FIRST_MS, deadline + LEASE_MARGIN_MS)], id)
  if h[7] then put(c.sadd, c.ns .. 'running:' .. h[7], id) end
  local n = #reply
  reply[n + 1], reply[n + 2], reply[n + 3], reply[n + 4] = id, fence, version, h[4]
  reply[n + 5], reply[n + 6], reply[n + 7] = timeout_ms, past[2] or '0', h[5]
end

function claim(K, A)
  local num = numbers()
  local why = head_wrong(A, num, 3, { [2] = true })
  if why or #A - 3 > BATCH_MAX then return bad(why or 'too many workers') end
  local c = begin(K, num[A[1]], A[2])
  local cap, reply, counts, used, broker = num[A[3]], {}, {}, 0, plain(A[2])
  local ready = c.ns .. 'ready'
  local waiting = call('ZRANGE', ready, 0, 2 * (#A - 3) + CLAIM_SLACK, 'WITHSCORES')
  for i = 1, #waiting, 2 do
    if used == #A - 3 then break end
    local id, score = waiting[i], waiting[i + 1]
    local h = try('HMGET', JOB .. id, 'status', 'version', 'log', 'fileId', 'spec', 'timeoutMs', 'userId')
    put(c.zrem, ready, id)
    h[7] = given(h[7])
    if h[1] == 'queued' then -- else a leftover: it is dropped
      if h[7] and not running_room(c, counts, h[7], cap) then
        park(c, id, h[7], score)
      else
        claim_one(c, id, h, score, A[4 + used], broker, reply)
        advance_clock(c, tonumber(score))
        used = used + 1
      end
    end
  end
  commit(c)
  return reply
end

end
