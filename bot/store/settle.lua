-- Puts the due time right for the record as it is, and forgets failed turns when it rests.
-- KEYS: record, due, failures. ARGV: id, version that was loaded, due time or '', '1' when it rests.
-- Answers 0 when the record was saved meanwhile.
if (redis.call('HGET', KEYS[1], 'version') or '0') ~= ARGV[2] then
  return 0
end
if ARGV[3] == '' then
  redis.call('ZREM', KEYS[2], ARGV[1])
else
  redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
end
if ARGV[4] == '1' then
  redis.call('DEL', KEYS[3])
end
return 1
