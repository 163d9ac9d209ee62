---- renew, progress ----
local fences_wrong, renew, progress
do

local HELD, STALE, CANCEL = 0, 1, 2

-- h: status run cancel …
local function hold_of(h, fence)
  if h[1] ~= 'running' or fence_of(h[2]) ~= fence then return STALE end
  if h[3] then return CANCEL end
  return HELD
end

function fences_wrong(A, num, first, stride)
  local why = items_wrong(A, first, stride)
  if why then return why end
  for b = first, #A, stride do
    if A[b] == '' or not num[A[b + 1]] then return 'an attempt is not well formed' end
  end
end

function renew(K, A)
  local num = numbers()
  local why = head_wrong(A, num, 2, { [2] = true }) or fences_wrong(A, num, 3, 2)
  if why then return bad(why) end
  local c = begin(K, num[A[1]])
  local broker, reply, n = plain(A[2]), {}, 0
  local lease_end = c.now + LEASE_MS
  for b = 3, #A, 2 do
    local id = A[b]
    local h = try('HMGET', JOB .. id, 'status', 'run', 'cancel', 'version', 'log')
    local hold = hold_of(h, A[b + 1])
    reply[n + 1], reply[n + 2], reply[n + 3] = hold, 0, 0
    if hold == HELD then
      reply[n + 2], reply[n + 3] = count_of(h[4]), log_last_version(h[5])
      local fence, deadline, seen, score, keeper, worker = match(h[2], RUN)
      put2(c.zadd, c.lease, c.text[min(lease_end, (tonumber(deadline or '') or c.now) + LEASE_MARGIN_MS)], id)
      if fence and (seen == '' or keeper ~= broker) then
        call('HSET', JOB .. id, 'run', run_text(fence, deadline, '1', score, broker, worker))
      end
    end
    n = n + 3
  end
  commit(c)
  return reply
end

local METER = 7 -- id fence percent eta_s stage bytes_done bytes_total
local STAGES = { queued = true, fetching = true, packing = true, uploading = true, done = true }

local function meters_wrong(A, num)
  local why = head_wrong(A, num, 1) or fences_wrong(A, num, 2, METER)
  if why then return why end
  num['-1'] = -1
  for b = 2, #A, METER do
    if not num[A[b + 2]] or not num[A[b + 3]] or not STAGES[A[b + 4]] or num[A[b + 5]] == -1 or not num[A[b + 5]]
        or not num[A[b + 6]] then
      return 'a report is not well formed'
    end
  end
end

local function meter(value) return value == '-1' and '' or value end

function progress(K, A)
  local num = numbers()
  local why = meters_wrong(A, num)
  if why then return bad(why) end
  local c = begin(K, num[A[1]])
  local reply, n = {}, 0
  for b = 2, #A, METER do
    local h = try('HMGET', JOB .. A[b], 'status', 'run', 'cancel', 'version', 'log')
    local hold = hold_of(h, A[b + 1])
    reply[n + 1], reply[n + 2], reply[n + 3], reply[n + 4] = hold, 0, 0, 0
    if hold == HELD then
      local version = count_of(h[4]) + 1
      reply[n + 2], reply[n + 3], reply[n + 4] = version, log_last_version(h[5]), tonumber(c.s)
      call('HSET', JOB .. A[b], 'version', version, 'updatedAt', c.s, 'progress', meter(A[b + 2]), 'etaSeconds', meter(A[b + 3]),
        'stage', A[b + 4], 'bytesDone', A[b + 5], 'bytesTotal', meter(A[b + 6]))
    end
    n = n + 4
  end
  return reply
end

end
