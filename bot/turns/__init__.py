"""Turns: whatever is due is handed to docket, and runs under a lease, one turn per request at a time."""

from bot.turns.leased import Numbers
from bot.turns.settings import TurnSettings
from bot.turns.turns import Turns

__all__ = ["Numbers", "TurnSettings", "Turns"]
