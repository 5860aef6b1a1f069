"""GitHub's REST API over a real Git repository on disk, and the people who work with it.

`README.md` beside this file says how it is addressed, what it can be told, and what it shows.
"""

from sandbox.github.service import GitHub

__all__ = ["GitHub"]
