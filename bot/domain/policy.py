"""The rules that a request must keep, checked before anybody is asked to approve it."""

from enum import StrEnum

from bot.domain.value import Value


class Weight(StrEnum):
    """What a finding does: it stops the request, is shown, or asks for more approvers."""

    BLOCKS = "blocks"
    WARNS = "warns"
    ASKS_FOR_MORE = "asks for more approvers"


class Finding(Value):
    """A rule's complaint: which rule, in one sentence, and what to do about it."""

    rule: str
    weight: Weight
    problem: str
    remedy: str = ""

    @property
    def blocks(self) -> bool:
        """Whether nobody can approve this away."""
        return self.weight is Weight.BLOCKS
