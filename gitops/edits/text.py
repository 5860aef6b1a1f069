"""Bytes of a file and the text in them: byte-order mark, line ends, documents."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gitops.errors import Reason, Refused

MAX_BYTES = 1_000_000
_BOM = "\ufeff"
_MARKER = re.compile(r"^---(?=[ \t\r\n]|\Z)", re.MULTILINE)
_DIRECTIVE = re.compile(r"^%[A-Z]", re.MULTILINE)
_NOTHING = re.compile(r"(?:[ \t]*(?:#[^\n]*)?(?:\r?\n|\Z))*\Z")


@dataclass(frozen=True)
class Text:
    """A file's text without its byte-order mark, and whether it had one."""

    body: str
    has_bom: bool = False

    @classmethod
    def decode(cls, content: bytes) -> Text:
        """The text of a file; refused when it is too big, no UTF-8, or has line ends that are none."""
        if len(content) > MAX_BYTES:
            raise Refused(
                Reason.TOO_BIG,
                f"The file has {len(content):,} bytes; files over {MAX_BYTES:,} bytes are not edited.",
                "Move the object into a file of its own.",
            )
        try:
            body = content.decode("utf-8")
        except UnicodeDecodeError as error:
            raise Refused(
                Reason.NOT_UTF8,
                f"The file is not UTF-8 (byte {error.start}).",
                "Save it as UTF-8, or make the change by hand.",
            ) from None
        if "\r" in body.replace("\r\n", ""):
            raise Refused(
                Reason.UNSUPPORTED,
                "The file has carriage returns that end no line.",
                "Save it with one kind of line end.",
            )
        return cls(body.removeprefix(_BOM), body.startswith(_BOM))

    def encode(self) -> bytes:
        """The file's bytes."""
        return ((_BOM if self.has_bom else "") + self.body).encode("utf-8")

    def sections(self) -> list[tuple[int, int]]:
        """Where each document starts and ends, the marker `---` included.

        A line that starts with `---` starts a document wherever it stands (YAML 1.2, 9.1.2), so that one
        document can be composed without reading the others.
        """
        if _DIRECTIVE.search(self.body):
            raise Refused(
                Reason.UNSUPPORTED,
                "The file has YAML directives (%YAML or %TAG).",
                "Make the change by hand.",
            )
        starts = [match.start() for match in _MARKER.finditer(self.body)]
        if not starts or not _NOTHING.match(self.body, 0, starts[0]):
            starts.insert(0, 0)
        return list(zip(starts, [*starts[1:], len(self.body)], strict=True))

    def end_of_line(self, index: int) -> int:
        """Where the line of an index ends, its line end left out."""
        newline = self.body.find("\n", index)
        if newline < 0:
            return len(self.body)
        return newline - 1 if newline > index and self.body[newline - 1] == "\r" else newline

    def start_of_line(self, index: int) -> int:
        """Where the line of an index starts."""
        return self.body.rfind("\n", 0, index) + 1

    def newline_near(self, index: int) -> str:
        """The line end used where an index stands, else the file's first, else a line feed."""
        newline = self.body.find("\n", index)
        if newline < 0:
            newline = self.body.find("\n")
        return "\r\n" if newline > 0 and self.body[newline - 1] == "\r" else "\n"
