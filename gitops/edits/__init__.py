"""Text in, text out: one small change to one YAML document, every other byte kept.

ruamel.yaml composes the document and says where things stand, the text is spliced there, and PyYAML's C
parser must then read exactly the intended change (`gate`). Nothing is ever dumped.
"""

from gitops.edits.apply import Applied, apply, has_template
from gitops.edits.codec import from_data, to_data
from gitops.edits.model import Scalar, Tree, child, parse, string
from gitops.edits.operations import Append, Item, Operation, Path, Put, Remove, Restore, Take, Within
from gitops.edits.text import MAX_BYTES, Text

__all__ = [
    "MAX_BYTES",
    "Append",
    "Applied",
    "Item",
    "Operation",
    "Path",
    "Put",
    "Remove",
    "Restore",
    "Scalar",
    "Take",
    "Text",
    "Tree",
    "Within",
    "apply",
    "child",
    "from_data",
    "has_template",
    "parse",
    "string",
    "to_data",
]
