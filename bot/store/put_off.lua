-- Counts a failed turn and makes the request due again after a pause that doubles each time.
-- KEYS: due, failures. ARGV: id, now, first pause, longest pause, write id (times in seconds),
-- milliseconds that a count lives. Answers how many turns failed in a row, and the new due time.
local now, first, longest = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
if redis.call('HGET', KEYS[2], 'write') ~= ARGV[5] then
  redis.call('HINCRBY', KEYS[2], 'count', 1)
  redis.call('HSET', KEYS[2], 'write', ARGV[5])
  redis.call('PEXPIRE', KEYS[2], ARGV[6])
end
local count = tonumber(redis.call('HGET', KEYS[2], 'count'))
local pause = math.min(longest, first * 2 ^ math.min(count - 1, 30))
local due = string.format('%.6f', now + pause)
redis.call('ZADD', KEYS[1], due, ARGV[1])
return {count, due}
