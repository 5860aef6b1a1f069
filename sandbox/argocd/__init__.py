"""Argo CD's REST API over the sandbox's Git repository, and clusters small enough to keep in memory.

`README.md` beside this file says how it is addressed, what it can be told, and what it shows.
"""

from sandbox.argocd.service import ArgoCd

__all__ = ["ArgoCd"]
