"""Flexible credentials: a claimsMatchingExpression instead of a subject, in previews only.

The language is `claims['sub'] eq '…'` or `matches '…'` with `*` and `?`, joined by `and`; see
https://learn.microsoft.com/entra/workload-id/workload-identities-flexible-federated-identity-credentials
"""

import fnmatch
import re
from typing import Any

TERM = re.compile(r"claims\['(?P<claim>[^']+)'\]\s+(?P<operator>eq|matches)\s+'(?P<value>[^']*)'")


def matches(expression: str, claims: dict[str, Any]) -> bool:
    """Whether these claims fulfil the expression; one that is not understood is never fulfilled."""
    terms = [TERM.fullmatch(part.strip()) for part in re.split(r"\s+and\s+", expression)]
    return all(term is not None and _holds(term, claims) for term in terms)


def _holds(term: re.Match[str], claims: dict[str, Any]) -> bool:
    have = str(claims.get(term["claim"], ""))
    if term["operator"] == "eq":
        return have == term["value"]
    return fnmatch.fnmatchcase(have, term["value"].replace("[", "[[]"))
