"""A program run on strangers' files: no network, no file but the given ones, bounded time and memory.

Run as a script by the interpreter that rendering runs in, with an empty environment and nothing of this
project imported:

    python -I -S confine.py ROOT PROGRAM [--readable=PATH]... ARGUMENT...

The first line of the standard error says how the program is shut in: `namespace` (a root directory of its own
and no network), `landlock` (the kernel refuses every other file and connection), or `limits` (neither may be
had here: only time, memory and output are bounded). The word RESTRICTOR among the arguments becomes the load
restrictor that fits: kustomize may read outside of a kustomization's own directory only where it can reach
nothing else. A program that needs paths of this machine (an interpreter) gets them by `--readable`, never a
root directory of its own, and is not run at all where Landlock cannot be had.
"""

import ctypes
import os
import resource
import sys

_CLONE_NEWNS, _CLONE_NEWIPC, _CLONE_NEWUSER, _CLONE_NEWNET = 0x20000, 0x8000000, 0x10000000, 0x40000000
_PR_SET_NO_NEW_PRIVS = 38
_NOT_SHUT_IN = 97
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_EXECUTE, _READ_FILE, _READ_DIR = 1, 4, 8
_ALL_FILE_RIGHTS, _ALL_NETWORK_RIGHTS = (1 << 15) - 1, 0b11
_LIMITS = {
    resource.RLIMIT_CPU: 20,
    resource.RLIMIT_AS: 4 << 30,
    resource.RLIMIT_FSIZE: 32 << 20,
    resource.RLIMIT_NOFILE: 256,
    resource.RLIMIT_CORE: 0,
}
_LIBC = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    """The program runs in place of this one."""
    root, program = sys.argv[1], sys.argv[2]
    readable = [one.removeprefix("--readable=") for one in sys.argv[3:] if one.startswith("--readable=")]
    arguments = [one for one in sys.argv[3:] if not one.startswith("--readable=")]
    for limit, most in _LIMITS.items():
        resource.setrlimit(limit, (most, most))
    # Opened now: in a root directory of its own the program has no path.
    binary = os.open(program, os.O_RDONLY)
    os.set_inheritable(binary, True)
    place = _shut_in(root, program, readable)
    os.write(2, f"{place}\n".encode())
    if readable and place != "landlock":
        sys.exit(_NOT_SHUT_IN)
    restrictor = "LoadRestrictionsRootOnly" if place == "limits" else "LoadRestrictionsNone"
    argv = [program, *(restrictor if one == "RESTRICTOR" else one for one in arguments)]
    # One thread of work and a bounded heap keep a hostile file from starving what runs beside it.
    os.execve(binary, argv, {"GOMAXPROCS": "1", "GOMEMLIMIT": "1GiB", "HTTPS_PROXY": "http://127.0.0.1:9"})


def _shut_in(root: str, program: str, readable: list[str]) -> str:
    has_namespace = _own_namespace()
    if has_namespace and not readable:
        os.chroot(root)
        os.chdir("/")
        return "namespace"
    os.chdir(root)
    allowed = [(root, _READ_FILE | _READ_DIR), (program, _READ_FILE | _EXECUTE)]
    for path in readable:
        rights = _READ_FILE | _EXECUTE
        allowed += [(path, rights | _READ_DIR if os.path.isdir(path) else rights)]  # noqa: PTH112
    return "landlock" if _landlock(allowed) else "limits"


def _own_namespace() -> bool:
    return bool(_LIBC.unshare(_CLONE_NEWUSER | _CLONE_NEWNS | _CLONE_NEWIPC | _CLONE_NEWNET) == 0)


def _landlock(allowed: list[tuple[str, int]]) -> bool:
    version = _LIBC.syscall(_CREATE_RULESET, None, 0, 1)
    if version < 4:
        # Before version 4 connections cannot be refused, and half a wall is none.
        return False
    attributes = (ctypes.c_uint64 * 2)(_ALL_FILE_RIGHTS, _ALL_NETWORK_RIGHTS)
    ruleset = _LIBC.syscall(_CREATE_RULESET, attributes, ctypes.sizeof(attributes), 0)
    if ruleset < 0:
        return False
    for path, rights in allowed:
        try:
            opened = os.open(path, os.O_PATH)
        except FileNotFoundError:
            continue
        rule = ctypes.create_string_buffer(rights.to_bytes(8, "little") + opened.to_bytes(4, "little"), 12)
        if _LIBC.syscall(_ADD_RULE, ruleset, 1, rule, 0) != 0:
            return False
        os.close(opened)
    if _LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return bool(_LIBC.syscall(_RESTRICT_SELF, ruleset, 0) == 0)


if __name__ == "__main__":
    main()
