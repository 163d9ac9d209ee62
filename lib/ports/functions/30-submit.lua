---- submit ----
local queue_room, submit_has_quota, submit
do

local ITEM = 10 -- id user file_id priority delay_ms timeout_ms max_attempts spec hash fingerprint
local QUEUED, CLAIMED, EXISTS, REPLAYED, CONFLICT, QUOTA, QUEUE_FULL = 0, 1, 2, 3, 4, 5, 6

local function submit_wrong(A, num)
  local why = head_wrong(A, num, 7, { [2] = true })
  if why then return why end
  local first = 8 + num[A[7]]
  if #A < first - 1 then return 'workers are missing' end
  for i = 8, first - 1 do
    if A[i] == '' then return 'a worker without a name' end
  end
  why = items_wrong(A, first, ITEM)
  if why then return why end
  for b = first, #A, ITEM do
    local p, attempts, timeout = num[A[b + 3]], num[A[b + 6]], num[A[b + 5]]
    if A[b] == '' or not num[A[b + 2]] or not p or p > 9 or not num[A[b + 4]] or not timeout or timeout == 0
        or not attempts or attempts == 0 or (A[b + 8] ~= '' and A[b + 9] == '') then
      return 'job ' .. (b - first) / ITEM .. ' is not well formed'
    end
  end
end

-- Where an idempotency key is kept; as older brokers send it, it is the job's user's.
local function submit_key(c, user, key)
  return c.ns .. 'idem:' .. (find(key, ':', 1, true) and key or user .. ':' .. key)
end

-- What the idempotency key says: a code and the earlier id, or nil if the key is new.
local function submit_known(b, A, key, keys)
  local text = keys[key]
  if text == nil then
    text = try('GET', key)
    text = type(text) == 'string' and text
    keys[key] = text
  end
  if not text then return end
  local id, fingerprint = match(text, '^(%S+) (%S+)$')
  if id == A[b] then return EXISTS, 0 end
  if fingerprint ~= A[b + 9] then return CONFLICT, 0 end
  return REPLAYED, id
end

-- Jobs that may still begin to wait.
function queue_room(c, queue_max) return queue_max - c.waiting - c.delayed - c.parked end

function submit_has_quota(c, user, limit, live)
  if user == '' or limit == 0 then return true end
  local n = live[user]
  if not n then
    n = try('SCARD', c.ns .. 'live:' .. user)
    n = type(n) == 'number' and n or 0
  end
  live[user] = n
  return n < limit
end

-- One question for the whole batch: almost always no id is known.
local function submit_all_new(A, first)
  local keys = {}
  for b = first, #A, ITEM do keys[#keys + 1] = JOB .. A[b] end
  return not keys[1] or call('EXISTS', unpack(keys)) == 0
end

-- Fills `reply` for what is refused or known; the rest is taken in order into `accepted`.
local function submit_decide(c, A, num, first, reply, accepted)
  local limit, keys, live, ids = num[A[4]], {}, {}, {}
  local fresh = submit_all_new(A, first)
  local free = c.waiting == 0 and num[A[7]] or 0 -- workers that the next immediate job may still get
  local room = queue_room(c, num[A[3]])
  local n = 0
  for b = first, #A, ITEM do
    local id, user, key = A[b], A[b + 1], false
    local code, detail
    if A[b + 8] ~= '' then
      key = submit_key(c, user, A[b + 8])
      code, detail = submit_known(b, A, key, keys)
    end
    if not code then
      if ids[id] or not fresh and call('EXISTS', JOB .. id) == 1 then code, detail = EXISTS, 0
      elseif room <= 0 then code, detail = QUEUE_FULL, 0
      elseif not submit_has_quota(c, user, limit, live) then code, detail = QUOTA, 0
      else
        if key then keys[key] = id .. ' ' .. A[b + 9] end
        if live[user] then live[user] = live[user] + 1 end
        ids[id] = true
        accepted[#accepted + 1] = b
        code, detail = QUEUED, 0
        if A[b + 4] == '0' and free > 0 then free = free - 1 else room = room - 1 end
      end
    end
    reply[n + 1], reply[n + 2] = code, detail
    n = n + 2
  end
end

-- Gives workers to the immediate jobs, higher priority first, in order within one: taken[b] = worker
-- index (0 first), or false if the user's running cap parks the job.
local function submit_assign(c, A, num, accepted, taken)
  local workers, cap = c.waiting == 0 and num[A[7]] or 0, num[A[5]]
  if workers == 0 then return end
  local bands, counts, used = {}, {}, 0
  for i = 1, #accepted do
    local b = accepted[i]
    if A[b + 4] == '0' then put(bands, A[b + 3], b) end
  end
  for p = 9, 0, -1 do
    local band = bands[tostring(p)] or NONE
    for i = 1, #band do
      local b = band[i]
      if used == workers then return end
      if A[b + 1] == '' or running_room(c, counts, A[b + 1], cap) then
        taken[b] = used
        used = used + 1
      else
        taken[b] = false
      end
    end
  end
end

-- What differs from the defaults, or nil.
local function submit_extra(A, b)
  local p, attempts, timeout_ms = A[b + 3], A[b + 6], A[b + 5]
  if p == '5' and attempts == '3' and timeout_ms == TIMEOUT_MS_DEFAULT then return end
  local extra = {}
  if timeout_ms ~= TIMEOUT_MS_DEFAULT then put2(extra, 1, 'timeoutMs', timeout_ms) end
  if p ~= '5' then put2(extra, 1, 'priority', p) end
  if attempts ~= '3' then put2(extra, 1, 'maxAttempts', attempts) end
  return extra[1]
end

-- Nearly all jobs of a batch are alike but for these: a copy of one of them is cheaper than as many fields again.
-- False if it was not copied: a user of Redis without the right to COPY gets its records all the same.
local function submit_copy(A, b, like)
  if not like or try('COPY', JOB .. A[like], JOB .. A[b]) ~= 1 then return false end
  if A[b + 1] == A[like + 1] then
    call('HSET', JOB .. A[b], 'fileId', A[b + 2], 'spec', A[b + 7])
  else
    call('HSET', JOB .. A[b], 'fileId', A[b + 2], 'spec', A[b + 7], 'userId', A[b + 1])
  end
  return true
end

-- The record to copy from now on: one that is surely compact (64: Redis' own limit), since a copy stays what it is.
local function submit_like(A, b)
  return #A[b + 1] <= 64 and #A[b + 7] <= 64 and b or nil
end

local function submit_queue(c, A, b, num, place)
  local ns, s, id, user, extra = c.ns, c.s, A[b], A[b + 1], submit_extra(A, b)
  if extra or not submit_copy(A, b, c.like) then
    call('HSET', JOB .. id, 'status', 'queued', 'version', '1', 'log', '1:' .. s .. ':q', 'userId', user, 'updatedAt', s,
      'fileId', A[b + 2], 'spec', A[b + 7], 'progress', '', 'artifactKey', '', 'etaSeconds', '', 'attempts', '0',
      'createdAt', s, 'errorCode', '', 'errorMessage', '', 'presignedUrl', '', 'expiresAt', '', unpack(extra or NONE))
    if not extra then c.like = submit_like(A, b) end
  end
  if A[b + 4] ~= '0' then
    put2(c.zadd, ns .. 'delayed', c.now + num[A[b + 4]], id)
  elseif place == false then
    park(c, id, user, fresh_score(c, A[b + 3], user))
  else
    make_ready(c, id, fresh_score(c, A[b + 3], user))
  end
end

-- What the jobs of a batch share that run on the same worker with the same time limit.
local function submit_shared(c, A, timeout, worker)
  local deadline = c.now + timeout
  return {
    run = run_text('1', c.text[deadline], '', '', plain(A[2]), plain(worker)),
    log = '1:' .. c.s .. ':q;2:' .. c.s .. ':r:1:' .. plain(worker),
    lease = c.text[min(c.now + LEASE_FIRST_MS, deadline + LEASE_MARGIN_MS)]
  }
end

local function submit_claim(c, A, b, num, worker, memo)
  local s, id, of_worker = c.s, A[b], memo[worker]
  if not of_worker then
    of_worker = {}
    memo[worker] = of_worker
  end
  local shared, extra = of_worker[A[b + 5]], submit_extra(A, b)
  if not shared then
    shared = submit_shared(c, A, num[A[b + 5]], worker)
    of_worker[A[b + 5]] = shared
  end
  if extra or not submit_copy(A, b, shared.like) then
    -- what the attempt's end reads and writes stands first: a small hash is searched from its front
    call('HSET', JOB .. id, 'status', 'running', 'version', '2', 'run', shared.run, 'log', shared.log, 'userId', A[b + 1],
      'updatedAt', s, 'progress', '', 'artifactKey', '', 'etaSeconds', '', 'attempts', '0', 'createdAt', s, 'fileId',
      A[b + 2], 'spec', A[b + 7], 'errorCode', '', 'errorMessage', '', 'presignedUrl', '', 'expiresAt', '',
      unpack(extra or NONE))
    if not extra then shared.like = submit_like(A, b) end
  end
  put2(c.zadd, c.lease, shared.lease, id)
end

local function submit_index(c, A, accepted)
  local ns, index = c.ns, {}
  for i = 1, #accepted do
    local id, user = A[accepted[i]], A[accepted[i] + 1]
    index[2 * i - 1], index[2 * i] = '0', id
    if user ~= '' then
      put2(c.zadd, ns .. 'index:' .. user, '0', id)
      put(c.sadd, ns .. 'live:' .. user, id)
    end
  end
  if #index > 0 then c.zadd[ns .. 'index'] = index end
end

function submit(K, A)
  local num = numbers()
  local why = submit_wrong(A, num)
  if why then return bad(why) end
  local c = begin(K, num[A[1]], A[2])
  local first, reply, accepted, taken = 8 + num[A[7]], {}, {}, {}
  submit_decide(c, A, num, first, reply, accepted)
  submit_assign(c, A, num, accepted, taken)
  local memo = {}
  for i = 1, #accepted do
    local b = accepted[i]
    local worker = taken[b]
    if worker then
      submit_claim(c, A, b, num, A[8 + worker], memo)
      local at = (b - first) / ITEM * 2
      reply[at + 1], reply[at + 2] = CLAIMED, worker
      if A[b + 1] ~= '' then put(c.sadd, c.ns .. 'running:' .. A[b + 1], A[b]) end
    else
      submit_queue(c, A, b, num, worker)
    end
    if A[b + 8] ~= '' then
      call('SET', submit_key(c, A[b + 1], A[b + 8]), A[b] .. ' ' .. A[b + 9], 'PX', max(num[A[6]], 1))
    end
  end
  submit_index(c, A, accepted)
  commit(c)
  return reply
end

end
