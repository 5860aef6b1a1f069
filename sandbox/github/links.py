"""Addresses in answers: GitHub repeats the host that it was asked at."""

import base64
from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True)
class Links:
    """Where the API and the pages of one repository are, without a trailing slash."""

    api: str
    html: str
    full_name: str

    def repo(self, *parts: object) -> str:
        """An address of the API under the repository."""
        return "/".join([f"{self.api}/repos/{self.full_name}", *(quote(str(p)) for p in parts)])

    def page(self, *parts: object) -> str:
        """An address of a page under the repository."""
        return "/".join([f"{self.html}/{self.full_name}", *(quote(str(p)) for p in parts)])


def node_id(kind: str, key: object) -> str:
    """An opaque id that GraphQL would know the object by."""
    return base64.b64encode(f"{kind}:{key}".encode()).decode()
