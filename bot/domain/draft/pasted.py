"""A pasted ServiceAccount manifest says the same as a sentence: which account, in which namespace."""

import re

LINE = re.compile(r"[ \t]*(?:---|[\w./-]+:(?:[ \t].*)?)[ \t]*")
KEY = re.compile(r"[ \t]*(?P<key>name|namespace):[ \t]*[\"']?(?P<value>[\w.-]+)[\"']?[ \t]*")


def without_manifests(text: str) -> str:
    """The text with every ServiceAccount manifest in it said in words."""
    lines: list[str] = []
    block: list[str] = []
    for line in (*text.split("\n"), "."):
        if LINE.fullmatch(line):
            block.append(line)
            continue
        lines += _in_words(block)
        block = []
        lines.append(line)
    return "\n".join(lines[:-1])


def _in_words(block: list[str]) -> list[str]:
    if not any(re.fullmatch(r"kind:[ \t]*ServiceAccount[ \t]*", line) for line in block):
        return block
    found = {m["key"]: m["value"] for line in reversed(block) if (m := KEY.fullmatch(line))}
    words = [f"service account {found['name']}"] if "name" in found else []
    words += [f"namespace {found['namespace']}"] if "namespace" in found else []
    return [", ".join(words)]
