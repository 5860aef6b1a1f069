"""The words about who does it: cluster, namespace, service account, and what uses the account."""

from bot.domain.draft.items import Item, Label, Part
from bot.domain.draft.progress import Progress
from bot.domain.draft.words import ENVIRONMENTS

PLACES = ("in", "within", "inside", "under", "of")


def clustered(reading: Progress, item: Item) -> None:
    """A cluster or an environment of the catalog."""
    if reading.against:
        reading.refuse(item)
    else:
        reading.said.clusters.append(item.value)
    reading.preposition = None


def consumed(reading: Progress, item: Item) -> None:
    """External Secrets, KEDA or the CSI driver."""
    if reading.against:
        reading.said.no_consumer = True
    else:
        reading.said.consumer = item.value
    reading.preposition = None


def subject(reading: Progress, item: Item) -> None:
    """The subject of a service account's tokens."""
    namespace, account = item.value.split(":", 1)
    reading.said.namespaces.append(namespace)
    reading.said.accounts.append(account)


def fielded(reading: Progress, item: Item) -> None:
    """A field and its name: `namespace payments`."""
    if reading.against:
        reading.refuse(item)
        return
    match item.value:
        case Label.CLUSTER:
            reading.said.clusters.append(item.name)
        case Label.NAMESPACE:
            reading.said.namespaces.append(item.name)
        case _:
            account(reading, item, item.name, sure=item.value == Label.ACCOUNT)
            reading.what = False
    reading.preposition = None


def account(reading: Progress, item: Item, name: str, sure: bool) -> None:
    """An account, with the namespace and cluster before it if they were said: `prod-weu/payments/api`."""
    pieces = name.split("/")
    said = reading.said
    if len(pieces) > 3:
        said.leftovers.append(item)
        return
    (said.accounts if sure or len(pieces) > 1 else said.apps).append(pieces[-1])
    if len(pieces) > 1:
        said.namespaces.append(pieces[-2])
    if len(pieces) == 3:
        said.clusters.append(pieces[0])


def labelled(reading: Progress, item: Item) -> None:
    """A label without a name says nothing, but where it is spoken against."""
    if reading.against:
        reading.refuse(item)
    elif item.value in (Label.APP, Label.ACCOUNT) and reading.preposition in ("for", "by"):
        reading.what = False


def place(reading: Progress, item: Item) -> None:
    """A name without a label, among the words about who: its preposition tells what it is."""
    said, word = reading.said, reading.preposition
    if word in ("on", "at") or (word == "in" and (said.namespaces or _is_environment(item.value))):
        on(reading, item)
    elif word in PLACES:
        within(reading, item)
    elif _is_namespace_by_place(reading):
        said.namespaces.append(item.value)
    elif reading.joined is Part.AND and _accounts(reading):
        _accounts(reading).append(item.value)
    elif not reading.account_said() and reading.joined is not Part.OR and not _is_verb(reading, item):
        said.apps.append(item.value)
    else:
        said.bare.append(item)


def _accounts(reading: Progress) -> list[str]:
    """The accounts that this message named, where none was known before."""
    said = reading.said
    return [] if reading.known.service_account else said.accounts or said.apps


def _is_namespace_by_place(reading: Progress) -> bool:
    """Whether the name stands between account and cluster: `payments-api (payments, prod-weu)`."""
    said = reading.said
    if not (said.accounts or said.apps) or said.namespaces or reading.known.namespace:
        return False
    rest = (i for i in reading.items[reading.at :] if i.part not in (Part.BREAK, Part.STOP))
    following = next(rest, None)
    return reading.joined is Part.BREAK and following is not None and following.part is Part.CLUSTER


def on(reading: Progress, item: Item) -> None:
    """A cluster that no catalog knows; "who is on call?" does not take the known one away."""
    if reading.known.cluster and not (_is_said_to_change(reading, item) or _is_environment(item.value)):
        reading.said.leftovers.append(item)
    else:
        reading.said.clusters.append(item.value)


def within(reading: Progress, item: Item) -> None:
    """A namespace without its label; "I am in meetings" does not take the known one away."""
    if reading.known.namespace and not _is_said_to_change(reading, item):
        reading.said.leftovers.append(item)
    else:
        reading.said.namespaces.append(item.value)


def _is_said_to_change(reading: Progress, item: Item) -> bool:
    word = item.value.isalpha() and not item.sure
    return not word or bool(reading.said.marks & {"runs", "change", "instead", "against", "no"})


def _is_verb(reading: Progress, item: Item) -> bool:
    """Whether a word, in `on dev rotates secrets`, stands where a verb would."""
    following = reading.next()
    word = item.value.isalpha() and not item.sure
    return word and following is not None and following.part in (Part.NOUN, Part.THING)


def _is_environment(word: str) -> bool:
    return any(word.casefold() in row for row in ENVIRONMENTS)
