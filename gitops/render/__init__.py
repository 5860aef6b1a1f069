"""What an application renders, by the real engines, over a copy made from Git objects and shut in.

Rendering is running strangers' files: see `confine`. Everything here blocks; call it in a thread.
"""

from gitops.render.engines import Rendered, needed, render
from gitops.render.objects import Difference, compare
from gitops.render.running import Unrenderable

__all__ = ["Difference", "Rendered", "Unrenderable", "compare", "needed", "render"]
