"""One proposal for one application: the files to edit, why these, and what its pods will see.

Pure: the same files and the same wish give the same proposal. `missing` says which files have to be loaded.
"""

from gitops.files import Files, Missing, NotLoaded
from gitops.propose.choose import missing, propose
from gitops.propose.prove import Proof, prove
from gitops.propose.values import (
    KNOWN_AFTER_APPLY,
    FileEdit,
    Proposal,
    Undo,
    Wanted,
    WorkloadChange,
)
from gitops.propose.withdraw import withdraw

__all__ = [
    "KNOWN_AFTER_APPLY",
    "FileEdit",
    "Files",
    "Missing",
    "NotLoaded",
    "Proof",
    "Proposal",
    "Undo",
    "Wanted",
    "WorkloadChange",
    "missing",
    "propose",
    "prove",
    "withdraw",
]
