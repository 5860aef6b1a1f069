-- Marks things that belong to no request as seen. KEYS: the seen keys. ARGV: write id, milliseconds.
-- Answers 1 when none was seen before, also to a repeat of the same write.
for _, key in ipairs(KEYS) do
  local write = redis.call('GET', key)
  if write and write ~= ARGV[1] then
    return 0
  end
end
for _, key in ipairs(KEYS) do
  redis.call('SET', key, ARGV[1], 'PX', ARGV[2])
end
return 1
