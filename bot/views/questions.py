"""The one thing that is missing, asked for: with buttons or a select where the answers are known."""

from collections.abc import Sequence

from bot.domain.draft import Option, Question
from bot.views.blocks import BUTTON_VALUE, OPTIONS, Block, choices, size
from bot.views.parts import Part, Raw
from bot.views.words import Bold, fit, line

ACTION = "answer"
BLOCK = "question:"
ROOM = 5_000
"""Of a message's 12,500, for the answers to choose from."""
TEXT = 1_000
TRY_AGAIN = "That did not reach me. Please try again in a moment."


def asked(question: Question) -> list[Part]:
    """The question with the answers that are known; those that do not fit can be typed."""
    offered = fitting(question.options)
    parts: list[Part] = [line(Bold(fit(question.text, TEXT)))]
    if not offered:
        return [*parts, line("Answer in this thread.")]
    parts.append(Raw(tuple(_choices(f"{BLOCK}{question.key}", offered))))
    if len(offered) < len(question.options):
        rest = len(question.options) - len(offered)
        return [*parts, line(f"There are {rest} more: type the name in this thread.")]
    return [*parts, line("Choose one, or answer in this thread.")]


def fitting(options: Sequence[Option]) -> list[Option]:
    """As many of the options as one message takes."""
    kept = [option for option in options[:OPTIONS] if len(option.value) <= BUTTON_VALUE]
    while kept and size(_choices(BLOCK, kept)) > ROOM:
        kept.pop()
    return kept


def _choices(block_id: str, options: Sequence[Option]) -> list[Block]:
    return choices(block_id, ACTION, [(option.label, option.value) for option in options], "Choose one")


def question_of(block_id: str) -> str:
    """The key of the question that a clicked block belongs to; a row's number may follow it."""
    return block_id.removeprefix(BLOCK).partition("#")[0]
