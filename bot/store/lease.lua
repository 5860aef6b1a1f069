-- Gives a lease to an owner, or makes the owner's own last longer. KEYS: lease.
-- ARGV: owner, milliseconds, 'take' (a free one too) or 'renew' (only the owner's). Answers 1 or 0.
local owner = redis.call('GET', KEYS[1])
if owner == ARGV[1] or (not owner and ARGV[3] == 'take') then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  return 1
end
return 0
