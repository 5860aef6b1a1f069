"""Slack, outwards: messages that go out, people and reactions that are looked up."""

from bot.messenger.calls import SECONDS, connect
from bot.messenger.messenger import CardLost, Messenger

__all__ = ["SECONDS", "CardLost", "Messenger", "connect"]
