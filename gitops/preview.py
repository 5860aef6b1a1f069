"""What would be changed in a local checkout, without any network: the bot's own proposal, or its refusal."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gitops.errors import Reason, Refused
from gitops.files import DIRECTORY, EXECUTABLE, REGULAR, SYMLINK, Files, Missing, NotLoaded
from gitops.propose import Proof, Proposal, Wanted, propose, prove

PROPOSED, REFUSED = 0, 3
_MAX_FILE = 20_000_000
_MAX_ROUNDS = 50


@dataclass(frozen=True)
class Preview:
    """A proposal or a refusal for a checkout; `is_applied` says that the working tree holds it now."""

    wanted: Wanted
    proposal: Proposal | None
    refused: Refused | None
    proof: Proof | None = None
    is_applied: bool = False

    @property
    def exit_code(self) -> int:
        """0 when there is a proposal (even an empty one), 3 when it is refused."""
        return PROPOSED if self.proposal is not None else REFUSED

    def as_dict(self) -> dict[str, Any]:
        """The preview as JSON values."""
        if self.proposal is not None:
            proof = self.proof.as_dict() if self.proof else None
            return {
                "verdict": "proposed",
                "applied": self.is_applied,
                **self.proposal.as_dict(),
                "rendered": proof,
            }
        assert self.refused is not None
        return {
            "verdict": "refused",
            "reason": str(self.refused.reason),
            "sentence": self.refused.sentence,
            "remedy": self.refused.remedy,
            "path": self.refused.path,
            "candidates": list(self.refused.candidates),
            "snippet": self.refused.snippet,
        }

    def text(self) -> str:
        """The preview for a terminal."""
        return "\n".join(_refusal(self.refused) if self.refused else self._proposed()) + "\n"

    def _proposed(self) -> list[str]:
        assert self.proposal is not None
        proposal = self.proposal
        lines = [f"Strategy: {proposal.strategy}", f"Why: {proposal.why}"]
        for one in proposal.workloads:
            change = "" if one.is_changed else ", unchanged"
            lines.append(f"Pods: {one.kind} {one.name} ({one.path}{change}): {one.effect}")
        lines += [f"Note: {note}" for note in proposal.notes]
        if not proposal.edits:
            return [*lines, "Nothing to do: the repository says all of it already."]
        for edit in proposal.edits:
            lines += ["", edit.what, edit.diff().rstrip("\n")]
        lines += ["", *_proof(self.proof)] if self.proof else []
        return [*lines, "", "Written to the working tree."] if self.is_applied else lines


def preview(
    repository: Path,
    path: str,
    namespace: str,
    service_account: str,
    client_id: str,
    tenant_id: str,
    *,
    apply: bool = False,
) -> Preview:
    """What `preview_of` finds for these words of a command line."""
    wanted = Wanted(path, namespace, service_account, client_id, tenant_id)
    return preview_of(repository, wanted, apply)


def preview_of(repository: Path, wanted: Wanted, apply: bool = False) -> Preview:
    """The proposal for a checkout; with `apply` its edits are written to the working tree.

    Nothing outside `repository` is read or written, and no symbolic link is followed.
    """
    try:
        proposal, proof = _proposed(repository, wanted)
    except Refused as refused:
        return Preview(wanted, None, refused)
    if apply:
        for edit in proposal.edits:
            (repository / edit.path).write_bytes(edit.after)
    return Preview(wanted, proposal, None, proof, is_applied=apply and bool(proposal.edits))


def _proposed(repository: Path, wanted: Wanted) -> tuple[Proposal, Proof]:
    files = Files()
    if not repository.is_dir():
        raise Refused(
            Reason.BAD_REQUEST,
            f"{repository} is no directory.",
            "Give the root of a checkout with --repository.",
        )
    for _ in range(_MAX_ROUNDS):
        try:
            proposal = propose(files, wanted)
            return proposal, prove(files, wanted, proposal)
        except NotLoaded as more:
            files = _with(files, repository, more.missing)
    raise Refused(
        Reason.TOO_BIG,
        "The application renders from files nested too deep.",
        "Give the directory of the one application that is meant.",
    )


def _with(files: Files, repository: Path, more: Missing) -> Files:
    for directory in sorted(more.directories):
        files = files.with_directory(directory, _listed(repository, directory))
    contents = {path: _read(repository / path) for path in sorted(more.files)}
    return files.with_files(contents)


def _listed(repository: Path, directory: str) -> dict[str, str]:
    """A directory's entries with Git's modes; none if it does not exist or a link leads to it."""
    place = repository
    for part in directory.split("/") if directory else []:
        place = place / part
        if place.is_symlink():
            return {}
    if not place.is_dir():
        return {}
    return {one.name: _mode(one) for one in place.iterdir() if one.name != ".git"}


def _mode(path: Path) -> str:
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        return SYMLINK
    if stat.S_ISDIR(mode):
        return DIRECTORY
    return EXECUTABLE if mode & stat.S_IXUSR else REGULAR


def _read(path: Path) -> bytes:
    if path.stat().st_size > _MAX_FILE:
        raise Refused(
            Reason.TOO_BIG,
            f"The file has more than {_MAX_FILE:,} bytes.",
            "Take it out of the kustomization that names it.",
            str(path),
        )
    return path.read_bytes()


def _proof(proof: Proof) -> list[str]:
    if not proof.is_proved:
        return [f"Rendered difference: not verified. {proof.why}"]
    return [f"Rendered difference ({proof.engine}), exactly as meant:", proof.difference]


def _refusal(refused: Refused) -> list[str]:
    lines = [f"Refused ({refused.reason}): {refused}"]
    lines += [f"  {candidate}" for candidate in refused.candidates]
    return [*lines, "", "To paste:", "", refused.snippet.rstrip("\n")] if refused.snippet else lines
