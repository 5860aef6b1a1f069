"""What is wanted of a repository, and what is proposed for it, as values."""

from __future__ import annotations

import difflib
import re
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from gitops.edits import Operation, from_data, to_data
from gitops.errors import Reason, Refused
from gitops.files import REGULAR
from gitops.manifests import Effect

KNOWN_AFTER_APPLY = "known-after-apply"
_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")
_SUBDOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?\Z")


@dataclass(frozen=True)
class Wanted:
    """A service account that is to carry an identity, in the directory of one application.

    `path` is relative to the repository's root ("" or "." is the root); `client_id` is a GUID or
    KNOWN_AFTER_APPLY; `label_pods` is False for consumers that are no pods; `replaces` is a client id that
    may be overwritten, by an approval of its own; `recurse` is Argo CD's `directory.recurse`. For a chart,
    `release` is the release's name (Argo CD's application, unless it says otherwise) and `values` are the
    values files beside the chart's own, from the repository's root, weakest first.
    """

    path: str
    namespace: str
    service_account: str
    client_id: str
    tenant_id: str
    label_pods: bool = True
    replaces: str | None = None
    recurse: bool = False
    release: str = ""
    values: tuple[str, ...] = ()

    def checked(self) -> Wanted:
        """The same with a tidy path; refused when a value is none that Kubernetes or Azure would take."""
        path = self.path.removeprefix("./").rstrip("/")
        parts = path.split("/") if path not in ("", ".") else []
        if path.startswith("/") or is_outside("/".join(parts)):
            raise _bad(f"{self.path!r} is no path inside a repository.", "Give it relative to the root.")
        if not _LABEL.match(self.namespace):
            raise _bad(f"{self.namespace!r} is no namespace.", "Give a name that Kubernetes takes.")
        if not _SUBDOMAIN.match(self.service_account):
            raise _bad(
                f"{self.service_account!r} is no service account.", "Give a name that Kubernetes takes."
            )
        if self.service_account == "default":
            raise _bad(
                "The service account `default` is used by every pod that names none.",
                "Name a service account of the workload's own.",
            )
        if self.client_id != KNOWN_AFTER_APPLY and not _GUID.match(self.client_id):
            raise _bad(f"{self.client_id!r} is no client id.", "Give the GUID of the managed identity.")
        if not _GUID.match(self.tenant_id):
            raise _bad(f"{self.tenant_id!r} is no tenant id.", "Give the GUID of the tenant.")
        if any(is_outside(one) for one in self.values):
            raise _bad("A values file is not in the repository.", "Give it relative to the root.")
        return replace(self, path="/".join(parts))


def is_outside(path: str) -> bool:
    """Whether a path is none inside a repository: absolute, climbing, or Git's own."""
    parts = path.split("/") if path else []
    return "\\" in path or any(part in ("", ".", "..", ".git") for part in parts)


@dataclass(frozen=True)
class Undo:
    """How one edit is taken back later: the object in the file, and the operation on it.

    `kind` and `name` find the object again when documents were added or moved; both are empty for the
    whole document. `operation` is None for a file that the proposal made; `made` is the SHA-256 of its
    contents, since it goes only while it is unchanged.
    """

    path: str
    kind: str
    name: str
    document: int
    operation: Operation | None
    made: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON values, to be kept until it is needed."""
        operation = None if self.operation is None else to_data(self.operation)
        return {**asdict(self), "operation": operation}

    @classmethod
    def of(cls, data: dict[str, Any]) -> Undo:
        """What `as_dict` gave."""
        operation = data["operation"]
        return cls(**{**data, "operation": None if operation is None else from_data(operation)})


@dataclass(frozen=True)
class FileEdit:
    """One file's change; `mode` is Git's, `what` is a sentence.

    `before` is None for a new file; `after` is empty and `is_removal` set for one that goes.
    """

    path: str
    before: bytes | None
    after: bytes
    mode: str = REGULAR
    what: str = ""
    undo: tuple[Undo, ...] = ()
    is_removal: bool = False

    def diff(self) -> str:
        """The change as a unified diff, with Git's mark where a file ends without a line end."""
        old = _lines(self.before or b"")
        source = "/dev/null" if self.before is None else f"a/{self.path}"
        target = "/dev/null" if self.is_removal else f"b/{self.path}"
        lines = difflib.unified_diff(old, _lines(self.after), source, target)
        return "".join(
            line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
        )


@dataclass(frozen=True)
class WorkloadChange:
    """A workload whose pods use the service account, and when they see the change."""

    kind: str
    name: str
    namespace: str
    path: str
    effect: Effect
    is_labelled: bool
    is_changed: bool


@dataclass(frozen=True)
class Proposal:
    """The edits for one service account; none when the repository says all of it already.

    `service_account` is the resulting object's name, namespace and annotations; `operations` is what is
    done to which object, apart from the client id.
    """

    strategy: str
    why: str
    edits: tuple[FileEdit, ...]
    service_account: dict[str, Any]
    workloads: tuple[WorkloadChange, ...]
    operations: tuple[dict[str, Any], ...] = ()
    notes: tuple[str, ...] = ()
    client_id: str = field(default=KNOWN_AFTER_APPLY)

    def essence(self) -> dict[str, Any]:
        """What an approval covers, as JSON values: the operations, the ServiceAccount, the pods' label.

        Whole files and the client id are left out, so that neither an unrelated change in an edited file
        nor the identity's creation makes another essence. Compare `client_id` apart.
        """
        return {
            "strategy": self.strategy,
            "operations": list(self.operations),
            "service_account": self.service_account,
            "pods": [
                {"kind": one.kind, "name": one.name, "labelled": one.is_labelled, "effect": str(one.effect)}
                for one in self.workloads
            ],
        }

    def undo(self) -> tuple[Undo, ...]:
        """How to take all of it back later, in the order in which that has to be done."""
        return tuple(undo for edit in self.edits for undo in edit.undo)

    def as_dict(self) -> dict[str, Any]:
        """The proposal as JSON values, each edit as its unified diff."""
        return {
            "strategy": self.strategy,
            "why": self.why,
            "client_id": self.client_id,
            "service_account": self.service_account,
            "workloads": [
                {
                    "kind": one.kind,
                    "name": one.name,
                    "namespace": one.namespace,
                    "path": one.path,
                    "effect": str(one.effect),
                    "labelled": one.is_labelled,
                    "changed": one.is_changed,
                }
                for one in self.workloads
            ],
            "edits": [
                {"path": edit.path, "new": edit.before is None, "what": edit.what, "diff": edit.diff()}
                for edit in self.edits
            ],
            "notes": list(self.notes),
        }


def _lines(content: bytes) -> list[str]:
    # splitlines() would also split at characters that end no line in a file.
    return [line for line in re.split(r"(?<=\n)", content.decode("utf-8", "replace")) if line]


def _bad(sentence: str, remedy: str) -> Refused:
    return Refused(Reason.BAD_REQUEST, sentence, remedy)
