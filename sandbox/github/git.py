"""A bare Git repository: objects, references, differences and merges. It knows no pull request."""

import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pygit2
from pygit2.enums import FileMode, ObjectType, SortMode

from sandbox.github.objects import Change, Commit, Entry, FileDiff, Signature

KINDS = {
    ObjectType.COMMIT: "commit",
    ObjectType.TREE: "tree",
    ObjectType.BLOB: "blob",
    ObjectType.TAG: "tag",
}
SEEDED = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
"""When the first commit of a sample was made: fixed, so that its hash is the same everywhere."""


class PathMissing(Exception):
    """A path that is to be removed is not there."""


class Git:
    """The repository in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._repo = pygit2.Repository(str(folder))

    @classmethod
    def seed(cls, folder: Path, files: Path, branch: str, author: Signature) -> "Git":
        """A fresh repository whose only commit holds these files."""
        pygit2.init_repository(str(folder), bare=True, initial_head=branch)
        git = cls(folder)
        changes = []
        for path in sorted(p for p in files.rglob("*") if p.is_file()):
            mode = "100755" if os.access(path, os.X_OK) else "100644"
            changes.append(
                Change(path.relative_to(files).as_posix(), mode, git.write_blob(path.read_bytes()))
            )
        sha = git.write_commit(git.write_tree(None, changes), [], "Import the manifests\n", author, author)
        git.move(f"refs/heads/{branch}", sha)
        return git

    @classmethod
    def copy(cls, source: Path, folder: Path) -> "Git":
        """A fresh repository with every branch of a checkout, which stays as it is; HEAD is the checkout's.

        ValueError when `source` is no Git checkout or has no commit.
        """
        try:
            there = pygit2.Repository(str(source))
        except pygit2.GitError as error:
            raise ValueError(f"{source} is not a Git checkout: {error}") from error
        if there.is_empty or there.head_is_unborn:
            raise ValueError(f"{source} has no commit yet: make one first")
        branch = "main" if there.head_is_detached else there.head.shorthand
        pygit2.init_repository(str(folder), bare=True, initial_head=branch)
        git = cls(folder)
        git._repo.remotes.create_anonymous(str(source.resolve())).fetch(["+refs/heads/*:refs/heads/*"])
        if there.head_is_detached:
            git._repo.remotes.create_anonymous(str(source.resolve())).fetch(["+HEAD:refs/heads/main"])
        return git

    # References

    @property
    def head_branch(self) -> str:
        """The branch that HEAD names."""
        return str(self._repo.references["HEAD"].target).removeprefix("refs/heads/")

    def ref(self, name: str) -> str | None:
        """What a full reference name points at."""
        found = self._repo.references.get(name)
        return str(found.target) if found is not None else None

    def refs(self, prefix: str = "refs/") -> dict[str, str]:
        """Every reference under a prefix with what it points at, in order of name."""
        names = sorted(name for name in self._repo.references if name.startswith(prefix))
        return {name: str(self._repo.references[name].target) for name in names}

    def move(self, name: str, sha: str) -> None:
        """The reference points at this object. ValueError when Git refuses the name or target."""
        try:
            self._repo.references.create(name, pygit2.Oid(hex=sha), force=True)
        except (pygit2.GitError, ValueError, OSError) as error:
            raise ValueError(str(error)) from error

    def drop(self, name: str) -> None:
        """The reference is no more."""
        self._repo.references.delete(name)

    # Objects

    def kind(self, sha: str) -> str | None:
        """What kind of object this is; None when it is not here or not a full id."""
        if len(sha) != 40 or not all(c in "0123456789abcdef" for c in sha):
            return None
        found = self._repo.get(sha)
        return KINDS[ObjectType(found.type)] if found is not None else None

    def resolve(self, name: str) -> str | None:
        """The commit that a branch, tag, full reference or id (also shortened) means."""
        for candidate in (f"refs/heads/{name}", f"refs/tags/{name}", f"refs/{name}", name):
            if candidate.startswith("refs/") and (sha := self.ref(candidate)):
                return self._peeled(sha)
        if 4 <= len(name) <= 40 and all(c in "0123456789abcdef" for c in name):
            found = self._repo.get(name)
            return self._peeled(str(found.id)) if found is not None else None
        return None

    def _peeled(self, sha: str) -> str | None:
        try:
            return str(self._repo[sha].peel(pygit2.Commit).id)
        except (pygit2.GitError, pygit2.InvalidSpecError):
            return None

    def commit(self, sha: str) -> Commit:
        """The commit with this id. KeyError when it is none."""
        found = self._repo.get(sha)
        if not isinstance(found, pygit2.Commit):
            raise KeyError(sha)
        return Commit(
            sha=str(found.id),
            tree=str(found.tree_id),
            parents=tuple(str(p) for p in found.parent_ids),
            message=found.message,
            author=_signature(found.author),
            committer=_signature(found.committer),
        )

    def blob(self, sha: str) -> bytes:
        """The bytes of a blob. KeyError when it is none."""
        found = self._repo.get(sha)
        if not isinstance(found, pygit2.Blob):
            raise KeyError(sha)
        return bytes(found.data)

    def entries(self, tree: str, *, recursive: bool = False, under: str = "") -> Iterator[Entry]:
        """The lines of a tree; with `recursive` those below each subtree after it."""
        found = self._repo[tree]
        assert isinstance(found, pygit2.Tree)
        for item in found:
            mode = int(item.filemode)
            kind = "commit" if mode == FileMode.COMMIT else "tree" if mode == FileMode.TREE else "blob"
            size = item.size if isinstance(item, pygit2.Blob) else None
            yield Entry(f"{under}{item.name}", f"{mode:06o}", kind, str(item.id), size)
            if recursive and kind == "tree":
                yield from self.entries(str(item.id), recursive=True, under=f"{under}{item.name}/")

    def find(self, tree: str, path: str) -> Entry | None:
        """What stands at a path in a tree; an empty path is the tree itself."""
        entry = Entry("", "040000", "tree", tree, None)
        for part in [p for p in path.split("/") if p]:
            if entry.kind != "tree":
                return None
            here = (e for e in self.entries(entry.sha, under=f"{entry.path}/" if entry.path else ""))
            found = next((e for e in here if e.path.rsplit("/", 1)[-1] == part), None)
            if found is None:
                return None
            entry = found
        return entry

    def text(self, commit: str, path: str) -> str | None:
        """A file's text at a commit, None when there is no such file."""
        entry = self.find(self.commit(commit).tree, path)
        if entry is None or entry.kind != "blob":
            return None
        return self.blob(entry.sha).decode(errors="replace")

    def write_blob(self, data: bytes) -> str:
        """A blob with these bytes is stored."""
        return str(self._repo.create_blob(data))

    def write_tree(self, base: str | None, changes: Iterable[Change]) -> str:
        """A tree is stored: `base` (or nothing) with the changes. PathMissing when one is not there."""
        index = pygit2.Index()
        if base:
            index.read_tree(self._repo[base].peel(pygit2.Tree))
        for change in changes:
            if change.sha is None:
                _remove(index, change.path)
            elif change.mode == "040000":
                _remove(index, change.path, missing_ok=True)
                for entry in self.entries(change.sha, recursive=True, under=f"{change.path}/"):
                    if entry.kind != "tree":
                        _add(index, entry.path, entry.mode, entry.sha)
            else:
                _add(index, change.path, change.mode, change.sha)
        return str(index.write_tree(self._repo))

    def write_commit(
        self, tree: str, parents: Iterable[str], message: str, author: Signature, committer: Signature
    ) -> str:
        """A commit is stored; no reference moves."""
        return str(
            self._repo.create_commit(
                None,
                _pygit2_signature(author),
                _pygit2_signature(committer),
                message,
                pygit2.Oid(hex=tree),
                [pygit2.Oid(hex=p) for p in parents],
            )
        )

    # Two commits

    def merge_base(self, one: str, other: str) -> str | None:
        """The best commit that both descend from."""
        found = self._repo.merge_base(pygit2.Oid(hex=one), pygit2.Oid(hex=other))
        return str(found) if found is not None else None

    def descends(self, commit: str, ancestor: str) -> bool:
        """Whether `ancestor` is `commit` or one that it was built on."""
        return self.merge_base(commit, ancestor) == ancestor

    def between(self, base: str, head: str) -> list[Commit]:
        """The commits that `head` has and `base` has not, oldest first."""
        walker = self._repo.walk(pygit2.Oid(hex=head), SortMode.TOPOLOGICAL | SortMode.REVERSE)
        walker.hide(pygit2.Oid(hex=base))
        return [self.commit(str(c.id)) for c in walker]

    def log(self, head: str) -> Iterator[Commit]:
        """This commit and those before it, newest first."""
        for found in self._repo.walk(pygit2.Oid(hex=head), SortMode.TOPOLOGICAL | SortMode.TIME):
            yield self.commit(str(found.id))

    def diff(self, base: str, head: str) -> list[FileDiff]:
        """How the files of two commits differ, by path."""
        made = self._repo.diff(base, head, context_lines=3)
        made.find_similar()
        return sorted((_file_diff(patch) for patch in made if patch is not None), key=lambda d: d.path)

    def merged(self, ours: str, theirs: str, ancestor: str | None = None) -> str | None:
        """The tree of both together, None when they conflict."""
        if ancestor is None:
            index = self._repo.merge_commits(pygit2.Oid(hex=ours), pygit2.Oid(hex=theirs))
        else:
            base, one, other = (self.commit(sha).tree for sha in (ancestor, ours, theirs))
            index = self._repo.merge_trees(base, one, other)
        return None if index.conflicts is not None else str(index.write_tree(self._repo))


STATUSES = {"A": "added", "D": "removed", "M": "modified", "R": "renamed", "C": "copied", "T": "changed"}


def _file_diff(patch: pygit2.Patch) -> FileDiff:
    delta = patch.delta
    status = STATUSES[delta.status_char()]
    _, additions, deletions = patch.line_stats
    hunks = None if delta.is_binary else (patch.text or "").partition("\n@@")[2]
    kept = delta.old_file if status == "removed" else delta.new_file
    return FileDiff(
        path=kept.path,
        previous=delta.old_file.path if status in ("renamed", "copied") else None,
        status=status,
        additions=additions,
        deletions=deletions,
        patch=f"@@{hunks}".rstrip("\n") if hunks else None,
        sha=str(kept.id),
    )


def _add(index: pygit2.Index, path: str, mode: str, sha: str) -> None:
    index.add(pygit2.IndexEntry(path, pygit2.Oid(hex=sha), FileMode(int(mode, 8))))


def _remove(index: pygit2.Index, path: str, *, missing_ok: bool = False) -> None:
    gone = [e.path for e in index if e.path == path or e.path.startswith(f"{path}/")]
    if not gone and not missing_ok:
        raise PathMissing(path)
    for found in gone:
        index.remove(found)


def _signature(made: pygit2.Signature) -> Signature:
    return Signature(made.name, made.email, datetime.fromtimestamp(made.time, UTC))


def _pygit2_signature(signature: Signature) -> pygit2.Signature:
    return pygit2.Signature(signature.name, signature.email, int(signature.at.timestamp()), 0)
