"""The values of a draft: what was said so far, what was heard, what to look for, what to ask."""

from bot.domain.roles import Action
from bot.domain.spec import Consumer, Scope, ScopeKind
from bot.domain.value import Value


class Wish(Value):
    """One thing that the workload should be able to do, as far as it is understood.

    `roles` are the keys of the roles that the words can mean; one of them once it is settled.
    `resource` is a name or a full ARM id as it was said; `inner` what lies within it (`orders`,
    `events/billing`). `kinds` are what the words allow the scope to be; empty when they say nothing.
    `scope` stands once the resource was found and is the only one that fits.
    """

    said: str
    actions: tuple[Action, ...] = ()
    roles: tuple[str, ...] = ()
    resource: str | None = None
    inner: str | None = None
    kinds: tuple[ScopeKind, ...] = ()
    scope: Scope | None = None


class Draft(Value):
    """The fields of a spec as far as they are known; `authors` are all whose words are in it.

    `cluster` is the catalog's name, or what was said when the catalog has no such cluster.
    `environment` stands while it names several clusters and none of them is chosen.
    """

    cluster: str | None = None
    environment: str | None = None
    namespace: str | None = None
    service_account: str | None = None
    consumer: Consumer = Consumer.POD
    wishes: tuple[Wish, ...] = ()
    reason: str | None = None
    authors: tuple[str, ...] = ()


class Option(Value):
    """One known answer: what the button says, and the value that it stands for."""

    label: str
    value: str


class Question(Value):
    """The one thing that is missing and matters most; `key` names the field that the answer fills."""

    key: str
    text: str
    options: tuple[Option, ...] = ()


class Heard(Value):
    """What a message came to: the draft with its words in it, a command, and what was not understood.

    `command` is one of `COMMANDS`, with what follows it (`issuer prod-weu`). `problems` are sentences
    that say what to do.
    """

    draft: Draft
    command: str | None = None
    leftovers: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


class Lookup(Value):
    """A name to look for in Azure: what it can be, and in which resource it lies if that was said.

    A topic subscription is named `topic/subscription`.
    """

    name: str
    kinds: tuple[ScopeKind, ...]
    within: str | None = None


class Found(Value):
    """A resource that exists; `parent` is the id of the one that it lies in, empty for none."""

    id: str
    kind: ScopeKind
    name: str
    parent: str = ""


class Resolved(Value):
    """The draft with every scope that is certain, and what stands in the way of the rest."""

    draft: Draft
    question: Question | None = None
    problems: tuple[str, ...] = ()
