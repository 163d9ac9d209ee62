---- claim ----

local CLAIM_SLACK = 32 -- entries looked at beyond one per worker: jobs over their user's cap, leftovers

-- h: status version run log fileId spec timeoutMs failures userId nextAttemptAt
local function claim_one(c, id, h, score, worker, broker, reply)
  local fence, version = count_of(fence_of(h[3])) + 1, count_of(h[2]) + 1
  local timeout_ms = h[7] or TIMEOUT_MS_DEFAULT
  local deadline, key, text = c.now + count_of(timeout_ms), JOB .. id, c.text
  worker = plain(worker)
  local entry = text[version] .. ':' .. c.s .. ':r:' .. text[fence] .. ':' .. worker
  call('HSET', key, 'status', 'running', 'version', text[version], 'updatedAt', c.s,
    'run', run_text(text[fence], text[deadline], '', score, broker, worker), 'log', log_add(h[4], entry))
  if h[10] then call('HDEL', key, 'nextAttemptAt') end
  put2(c.zadd, c.lease, text[min(c.now + LEASE_FIRST_MS, deadline + LEASE_MARGIN_MS)], id)
  if h[9] then put(c.sadd, c.ns .. 'running:' .. h[9], id) end
  local n = #reply
  reply[n + 1], reply[n + 2], reply[n + 3], reply[n + 4] = id, fence, version, h[5]
  reply[n + 5], reply[n + 6], reply[n + 7] = timeout_ms, h[8] or '0', h[6]
end

local function claim(K, A)
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
    local h = try('HMGET', JOB .. id, 'status', 'version', 'run', 'log', 'fileId', 'spec', 'timeoutMs', 'failures',
      'userId', 'nextAttemptAt')
    put(c.zrem, ready, id)
    h[9] = given(h[9])
    if h[1] == 'queued' then -- else a leftover: it is dropped
      if h[9] and not running_room(c, counts, h[9], cap) then
        park(c, id, h[9], score)
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
