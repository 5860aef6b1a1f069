"""GitHub's limit on writes and the bounded caches: never more than allowed, and nobody waits for ever."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gitops.repository.cache import Bounded
from gitops.repository.limiter import Writes

START = datetime(2026, 11, 24, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(0, 40)), max_size=60))
def test_no_minute_has_more_writes_than_allowed_and_everybody_is_served_when_told(
    asks: list[tuple[int, int]],
) -> None:
    clock, most = Hand(), 20
    writes = Writes(most, clock)
    sent: list[datetime] = []
    waiting: list[tuple[datetime, str, int]] = []
    for number, (count, pause) in enumerate(asks):
        waiting.append((clock.now, str(number), count))
        clock.now += timedelta(seconds=pause)
        waiting = _served(writes, clock, waiting, sent)
    for _ in range(20 * len(asks)):
        if not waiting:
            break
        clock.now = max(clock.now, min(when for when, _, _ in waiting))
        waiting = _served(writes, clock, waiting, sent)
    assert not waiting
    for first in sent:
        assert sum(first <= at < first + MINUTE for at in sent) <= most


def _served(
    writes: Writes, clock: Hand, waiting: list[tuple[datetime, str, int]], sent: list[datetime]
) -> list[tuple[datetime, str, int]]:
    """Everybody whose time has come asks; who is put off is still waiting."""
    left = []
    for when, key, count in waiting:
        if when > clock.now:
            left.append((when, key, count))
        elif wait := writes.ask(key, count):
            left.append((clock.now + timedelta(seconds=wait), key, count))
        else:
            sent += [clock.now] * count
    return left


def test_who_waits_keeps_their_place_before_those_who_come_later() -> None:
    clock = Hand()
    writes = Writes(4, clock)
    assert writes.ask("first", 4) == 0
    wait = writes.ask("second", 4)
    assert wait > 0
    assert writes.ask("third", 1) > wait
    clock.now += timedelta(seconds=wait)
    assert writes.ask("third", 1) > 0
    assert writes.ask("second", 4) == 0


def test_a_place_is_given_up_when_nobody_comes_for_it() -> None:
    clock = Hand()
    writes = Writes(4, clock)
    writes.ask("first", 4)
    clock.now += timedelta(seconds=writes.ask("gone", 4) + 31)
    assert writes.ask("third", 4) == 0


def test_asking_again_too_early_gives_the_rest_of_the_wait() -> None:
    clock = Hand()
    writes = Writes(1, clock)
    writes.ask("first", 1)
    wait = writes.ask("second", 1)
    clock.now += timedelta(seconds=wait / 2)
    assert writes.ask("second", 1) == wait / 2


def test_a_cache_drops_what_was_not_used_for_longest() -> None:
    cache: Bounded[str] = Bounded(10)
    for key in "abc":
        cache.put(key, key, 3)
    assert cache.get("a") == "a"
    cache.put("d", "d", 3)
    assert [key for key in "abcd" if cache.get(key)] == ["a", "c", "d"]


def test_a_value_larger_than_the_cache_is_not_kept_and_drops_nothing() -> None:
    cache: Bounded[str] = Bounded(10)
    cache.put("a", "a", 3)
    cache.put("huge", "huge", 11)
    assert (cache.get("a"), cache.get("huge")) == ("a", None)
    cache.put("a", "larger", 11)
    assert cache.get("a") is None
