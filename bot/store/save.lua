-- One save of one record: all of it, or nothing.
--
-- KEYS: record, history, due, requests, threads, cards, messages, claims, write, then the seen keys.
-- ARGV: the request's id; the record as JSON, or '' when only its history grows; the rest as JSON:
--   version (that was loaded), next (its successor), write, write_ms, seen_ms, opened, due,
--   lines, threads, cards, messages, claims, thread_was.
local id, record, save = ARGV[1], ARGV[2], cjson.decode(ARGV[3])
local RECORD, HISTORY, DUE, REQUESTS = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local THREADS, CARDS, MESSAGES, CLAIMS, WRITE = KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9]
local FIRST_SEEN = 10

-- The client sends a command again when its answer was lost: the second one changes nothing.
if redis.call('EXISTS', WRITE) == 1 then
  return {'done'}
end
for i = FIRST_SEEN, #KEYS do
  if redis.call('EXISTS', KEYS[i]) == 1 then
    return {'seen', redis.call('HGET', RECORD, 'json')}
  end
end
if (redis.call('HGET', RECORD, 'version') or '0') ~= save.version then
  return {'conflict', redis.call('HGET', RECORD, 'json')}
end
for _, thread in ipairs(save.threads) do
  local holder = redis.call('HGET', THREADS, thread)
  if holder and holder ~= id and holder ~= save.thread_was then
    return {'taken', holder}
  end
end
if record ~= '' then
  for _, workload in ipairs(save.claims) do
    local holder = redis.call('HGET', CLAIMS, workload)
    if holder and holder ~= id then
      return {'claimed', holder}
    end
  end
end

redis.call('SET', WRITE, '1', 'PX', save.write_ms)
for i = FIRST_SEEN, #KEYS do
  redis.call('SET', KEYS[i], save.write, 'PX', save.seen_ms)
end
for _, line in ipairs(save.lines) do
  redis.call('RPUSH', HISTORY, line)
end
if record == '' then
  return {'done'}
end

local claimed = {}
for _, workload in ipairs(save.claims) do
  claimed[workload] = true
  redis.call('HSET', CLAIMS, workload, id)
end
-- What it claimed is read from the record as it was saved, not told by the caller: another version of
-- the bot may have had other rules.
for _, workload in ipairs(cjson.decode(redis.call('HGET', RECORD, 'claims') or '[]')) do
  if not claimed[workload] and redis.call('HGET', CLAIMS, workload) == id then
    redis.call('HDEL', CLAIMS, workload)
  end
end
redis.call('HSET', RECORD, 'version', save.next, 'json', record, 'claims', save.claims_json)
redis.call('ZADD', REQUESTS, 'NX', save.opened, id)
if save.due then
  redis.call('ZADD', DUE, save.due, id)
else
  redis.call('ZREM', DUE, id)
end
for _, thread in ipairs(save.threads) do
  redis.call('HSET', THREADS, thread, id)
end
for _, card in ipairs(save.cards) do
  redis.call('HSET', CARDS, card, id)
end
for _, message in ipairs(save.messages) do
  redis.call('HSET', MESSAGES, message, id)
end
return {'done'}
