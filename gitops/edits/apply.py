"""One operation on one document of one file: the new bytes, and the way back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from gitops.edits import gate, splice, within
from gitops.edits.document import Document, scalars
from gitops.edits.operations import Operation, Simple, Within
from gitops.edits.spans import exchanged
from gitops.edits.text import Text


@dataclass(frozen=True)
class Applied:
    """A file after an operation; `inverse` is None when there was nothing to do or no way back is needed."""

    content: bytes
    inverse: Operation | None

    def is_change(self, before: bytes) -> bool:
        """Whether a byte differs."""
        return self.content != before


def apply(content: bytes, document: int, operation: Operation) -> Applied:
    """A file's bytes with an operation done on the document of that number, counted from 0.

    Refused, with the reason, when the place cannot be changed without touching anything else, or when the
    second parser does not read exactly the intended change.
    """
    before = Text.decode(content)
    # The bounded reading comes first: what it refuses (depth, aliases) never reaches the slower one.
    gate.check_readable(before)
    made = _cut(Document.compose(before, document), operation)
    if not made.spans:
        return Applied(content, None)
    after = Text(exchanged(before.body, made.spans), before.has_bom)
    gate.check(before, after, document, operation)
    return Applied(after.encode(), made.inverse)


def has_template(content: bytes, document: int) -> bool:
    """Whether a document that reads as YAML is still a template: `{{` stands in it outside of quotes."""
    text = Text.decode(content)
    if "{{" not in text.body:
        return False
    gate.check_readable(text)
    root = Document.compose(text, document).root
    return any("{{" in scalar.value and scalar.style is None for scalar in scalars(root))


def _cut(document: Document, operation: Operation) -> splice.Cut:
    if isinstance(operation, Within):
        return within.cut(document, operation, _inside)
    return splice.cut(document, operation)


def _inside(text: str, operation: Simple) -> tuple[str, Simple | None]:
    applied = apply(text.encode(), 0, operation)
    return applied.content.decode(), cast("Simple | None", applied.inverse)
