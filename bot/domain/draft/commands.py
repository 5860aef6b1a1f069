"""Messages that are a command and nothing else."""

import re

COMMANDS: dict[str, str] = {
    "help": """help, help me, ?, what can you do, how does this work, usage, hilfe, how do i use this,
        commands, how do i use you, what do you do""",
    "cancel": """cancel, abort, nevermind, never mind, forget it, withdraw, stop, cancel it, cancel this,
        cancel the request, cancel this request, withdraw the request, cancel my request,
        abort the request, forget about it, drop it, drop the request, scrap that, scrap it,
        i changed my mind, not needed anymore, no longer needed, it is no longer needed,
        we don't need it anymore, we no longer need it, withdraw it""",
    "status": """status, how is it going, any news, what's the status, whats the status, state,
        what is the status, progress, where are we, how far is it, any update, any updates, update,
        is it done, is it done yet, what is the state, how far are you, where does it stand, what's up""",
    "retry": "retry, try again, again, resume, go on, continue, retry it, once more",
    "explain": "explain, explain it, explain this, what will happen, what happens",
    "plan": "plan, show plan, show the plan, show me the plan, the plan",
    "terraform": "terraform, as terraform, show terraform, show me the terraform, hcl",
    "list": "list, list requests, my requests, show my requests, list my requests, requests",
    "clusters": """clusters, list clusters, which clusters, show clusters, what clusters are there,
        which clusters are there, which clusters do you know, the clusters""",
    "roles": """roles, list roles, which roles, show roles, what roles are there, which roles are there,
        which roles do you offer, the roles""",
    "form": "form, open form, open the form, show the form",
}
"""Every command and the ways to say it."""

WITH_WORDS = re.compile(
    r"(?P<command>issuer|show|terraform|explain|help|status|plan|diagnose)\s+(?:of\s+|for\s+|about\s+)?(?P<about>\S+)"
    r"|(?P<who>who can .+)|(?P<what>what (?:can|may) .+|what does .+)",
    re.IGNORECASE | re.DOTALL,
)
POLITE = re.compile(
    r"\b(?:please|pls|plz|thanks|thank you|thx|hi|hello|hey|ok|okay|sorry|kindly|bot|identity"
    r"|could you|can you)\b,?",
    re.IGNORECASE,
)
_WAYS = {" ".join(way.split()): command for command, ways in COMMANDS.items() for way in ways.split(",")}


def command_in(text: str) -> str | None:
    """The command that a plain text is, with its argument after a space; None when it says more or else.

    Questions come back whole: `who can read kv-payments`, `what can payments/api do`.
    """
    said, plainly = (_bare(words) for words in (text, POLITE.sub(" ", text)))
    if command := _WAYS.get(said) or _WAYS.get(plainly):
        return command
    match = WITH_WORDS.fullmatch(plainly)
    if match is None:
        return None
    asked = match["who"] or match["what"]
    return str(asked) if asked else f"{match['command']} {match['about']}"


def _bare(words: str) -> str:
    said = " ".join(words.split()).strip(" .!,;:").casefold()
    return said.rstrip("? ") or said
