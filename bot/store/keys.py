"""The names of all keys. One hash tag, so that Redis Cluster can run the scripts on them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Keys:
    """Key names under one prefix, which holds the hash tag."""

    prefix: str

    def __post_init__(self) -> None:
        start = self.prefix.find("{")
        if start < 0 or self.prefix.find("}", start) <= start + 1:
            raise ValueError(f"The prefix {self.prefix!r} has no hash tag: write it as {{{self.prefix}}}.")

    def record(self, request: str) -> str:
        """A hash: the record as JSON, its version, and what it claimed when it was saved."""
        return f"{self.prefix}:record:{request}"

    def history(self, request: str) -> str:
        """A list of JSON lines, oldest first."""
        return f"{self.prefix}:history:{request}"

    def failures(self, request: str) -> str:
        """How many turns failed in a row."""
        return f"{self.prefix}:failures:{request}"

    def lease(self, request: str) -> str:
        """Who runs the request's turn."""
        return f"{self.prefix}:lease:{request}"

    def seen(self, key: str) -> str:
        """Whether something of Slack was taken in already."""
        return f"{self.prefix}:seen:{key}"

    def write(self, write: str) -> str:
        """Whether a write was applied already."""
        return f"{self.prefix}:write:{write}"

    def cache(self, key: str) -> str:
        """A value that may be forgotten."""
        return f"{self.prefix}:cache:{key}"

    @property
    def due(self) -> str:
        """Sorted: when each request wants its next turn."""
        return f"{self.prefix}:due"

    @property
    def requests(self) -> str:
        """Sorted: all requests by when they were opened."""
        return f"{self.prefix}:requests"

    @property
    def threads(self) -> str:
        """Thread → request."""
        return f"{self.prefix}:threads"

    @property
    def cards(self) -> str:
        """Card → request."""
        return f"{self.prefix}:cards"

    @property
    def messages(self) -> str:
        """What was said → request."""
        return f"{self.prefix}:messages"

    @property
    def claims(self) -> str:
        """Workload → request that holds it."""
        return f"{self.prefix}:claims"
