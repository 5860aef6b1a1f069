"""How often, how many, how long."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TurnSettings:
    """All times in seconds. The last four are docket's own, with values that were measured for it."""

    prefix: str = "{identity-bot}"
    concurrency: int = 20
    """Turns that one process runs at once."""
    sweep_every: float = 1.0
    sweep_at_most: int = 200
    lease: float = 30.0
    """How long the turn of a dead process blocks its request. Every call of a turn times out sooner."""
    longest_turn: float = 600.0
    """A turn that hangs counts as failed, so that it does not keep its place for ever."""
    first_pause: float = 1.0
    longest_pause: float = 60.0
    """Between turns of one request that fail: doubled each time."""
    drain: float = 10.0
    """How long running turns may go on once the bot is told to stop."""
    close: float = 5.0
    redelivery_timeout: float = 5.0
    """Of docket. It may be shorter than a lease: a job that is run twice finds the lease taken."""
    minimum_check_interval: float = 0.05
    scheduling_resolution: float = 0.25
    reconnection_delay: float = 1.0

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not isinstance(value, str) and value <= 0:
                raise ValueError(f"turns: {name} is {value}, and must be more than 0.")
        if self.first_pause > self.longest_pause:
            raise ValueError("turns: first_pause is longer than longest_pause.")
