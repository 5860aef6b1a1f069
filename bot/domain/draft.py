"""What has been said so far, while a request is asking; and the one question to ask next."""

from bot.domain.spec import Consumer, Scope
from bot.domain.value import Value


class Wish(Value):
    """One thing that the workload should be able to do, as far as it is understood.

    `roles` are the keys of the roles that the words can mean; one of them once it is settled.
    `resource` is a name or a full ARM id as it was said; `inner` what lies within it (a queue's name).
    `scope` stands once the resource was found and is the only one that fits.
    """

    said: str
    roles: tuple[str, ...] = ()
    resource: str | None = None
    inner: str | None = None
    scope: Scope | None = None


class Draft(Value):
    """The fields of a spec as far as they are known; `authors` are all whose words are in it."""

    cluster: str | None = None
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
