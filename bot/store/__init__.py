"""Redis: the records and their history, due times, what was seen, claims, leases and a cache."""

from bot.store.connection import connect
from bot.store.saving import TooLarge, Unreadable
from bot.store.store import Claimed, Settled, Store, UnknownRequest
from bot.store.wire import StoreDown

__all__ = [
    "Claimed",
    "Settled",
    "Store",
    "StoreDown",
    "TooLarge",
    "UnknownRequest",
    "Unreadable",
    "connect",
]
