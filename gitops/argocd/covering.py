"""Which application renders a file: by repository, branch and path, as Argo CD matches them (gitops.md 5)."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

from gitops.argocd.values import ApplicationSeen, Source, normal

_URL = re.compile(
    r"(?:(?:https?|ssh|git)://)?(?:[^@/]+@)?(?P<host>[^:/]+)(?::\d+(?=/))?[:/]+(?P<path>.+?)(?:\.git)?/*$",
    re.IGNORECASE,
)
DEFAULT = ("", "HEAD")


def covers(
    application: ApplicationSeen, repository: str, branch: str, path: str, *, is_default: bool = True
) -> bool:
    """Whether what the application renders comes, wholly or in part, from this path on this branch.

    `repository` is an address in any spelling, or `owner/name`, which fits on every host. `path` is a
    file or a directory from the repository's root. A source that names no revision follows the default
    branch; `is_default` says whether this is it. Bases that a kustomization reaches outside of its own
    directory count only where the application names them (manifest-generate-paths): pass each of them.
    """
    asked = normal(path)
    mine = [
        s for s in application.sources if _same(s.repository, repository) and _follows(s, branch, is_default)
    ]
    if any(_is_in(asked, source) for source in mine):
        return True
    if mine and any(_under(asked, above) for above in application.rendered_from):
        return True
    return any(asked in _values(application, source, mine) for source in application.sources)


def _same(one: str, other: str) -> bool:
    host, path = _parts(one)
    wanted_host, wanted_path = _parts(other)
    if path != wanted_path:
        return False
    return not host or not wanted_host or host == wanted_host


def _parts(repository: str) -> tuple[str, str]:
    """Host and path in lower case; no host for `owner/name`."""
    text = repository.strip()
    if re.fullmatch(r"[\w.-]+/[\w.-]+", text):
        return "", text.removesuffix(".git").casefold()
    match = _URL.match(text)
    if match is None:
        return "", text.casefold()
    return match["host"].casefold(), match["path"].strip("/").casefold()


def _follows(source: Source, branch: str, is_default: bool) -> bool:
    revision = source.revision.removeprefix("refs/heads/")
    if source.revision in DEFAULT:
        return is_default
    return revision == branch or ("*" in revision and fnmatchcase(branch, revision))


def _is_in(asked: str, source: Source) -> bool:
    """What is only there to be referred to, and a chart of a registry, render no path."""
    if source.chart or (source.ref and not source.path):
        return False
    return _under(asked, normal(source.path))


def _under(path: str, above: str) -> bool:
    return not above or path == above or path.startswith(above + "/")


def _values(application: ApplicationSeen, source: Source, mine: list[Source]) -> set[str]:
    """The value files that a source reads out of the sources in this repository."""
    refs = {f"${s.ref}" for s in mine if s.ref}
    found: set[str] = set()
    for file in source.values:
        head, _, rest = file.partition("/")
        if head in refs:
            found.add(normal(rest))
        elif source in mine and not file.startswith("$") and "://" not in file:
            found.add(normal(file if file.startswith("/") else f"{source.path}/{file}"))
    return found
