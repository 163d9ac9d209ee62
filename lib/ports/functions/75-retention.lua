---- retention ----
local expire, discarded
do

local function expire_one(c, id, record_ttl_ms)
  local h = try('HMGET', JOB .. id, 'status', 'artifactKey', 'updatedAt', 'userId')
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
  local artifact_key = given(h[2])
  if not artifact_key or record_until <= c.now then return drop_record(c, id, given(h[4]), artifact_key) end
  call('HSET', JOB .. id, 'artifactKey', '', 'artifactExpired', '1')
  put2(c.zadd, c.ns .. 'garbage', c.now, artifact_key)
  put2(c.zadd, c.ns .. 'expiry', record_until, id)
end

function expire(K, A)
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
  return { (#over == STEP_MAX or #keys == num[A[3]]) and 1 or 0, unpack(keys) }
end

function discarded(K, A)
  if not A[1] then return bad('missing argument 1') end
  if #A - 1 > BATCH_MAX then return bad('too many keys') end
  if #A == 1 then return 0 end
  return call('ZREM', K[1] .. 'garbage', unpack(A, 2))
end

end
