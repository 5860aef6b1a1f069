"""Every word and phrase that is understood, and what it is."""

from dataclasses import dataclass

from bot.domain.draft.items import Label, Part
from bot.domain.roles import Action, Family
from bot.domain.spec import Consumer, ScopeKind

Meaning = tuple[Part, str]


@dataclass(frozen=True)
class Noun:
    """What a noun says of a grant: whose roles it can mean, and what its scope can be.

    `data` is what is read or written, and no place: "secrets from X" names the place with X.
    """

    families: frozenset[Family]
    kinds: tuple[ScopeKind, ...] = ()
    data: bool = False


def _noun(*families: Family, kinds: tuple[ScopeKind, ...] = (), data: bool = False) -> Noun:
    return Noun(frozenset(families), kinds, data)


_VAULT = (Family.SECRETS, Family.CERTIFICATES, Family.KEYS)
_STORAGE = (Family.BLOBS, Family.STORAGE_QUEUES, Family.TABLES)

NOUNS: dict[str, Noun] = {
    "secrets": _noun(Family.SECRETS, data=True),
    "secret": _noun(Family.SECRETS, kinds=(ScopeKind.SECRET,), data=True),
    "certificates": _noun(Family.CERTIFICATES, data=True),
    "certificate": _noun(Family.CERTIFICATES, kinds=(ScopeKind.CERTIFICATE,), data=True),
    "keys": _noun(Family.KEYS, data=True),
    "key": _noun(Family.KEYS, kinds=(ScopeKind.KEY,), data=True),
    "vault": _noun(*_VAULT, kinds=(ScopeKind.VAULT,)),
    "blobs": _noun(Family.BLOBS, data=True),
    "container": _noun(Family.BLOBS, Family.COSMOS, kinds=(ScopeKind.CONTAINER, ScopeKind.COSMOS_CONTAINER)),
    "blob container": _noun(Family.BLOBS, kinds=(ScopeKind.CONTAINER,)),
    "blob storage": _noun(Family.BLOBS, kinds=(ScopeKind.STORAGE,)),
    "storage": _noun(*_STORAGE, kinds=(ScopeKind.STORAGE,)),
    "storage queue": _noun(Family.STORAGE_QUEUES, kinds=(ScopeKind.STORAGE_QUEUE,)),
    "table": _noun(Family.TABLES, kinds=(ScopeKind.STORAGE_TABLE,)),
    "queue": _noun(Family.BUS, Family.STORAGE_QUEUES, kinds=(ScopeKind.QUEUE, ScopeKind.STORAGE_QUEUE)),
    "bus queue": _noun(Family.BUS, kinds=(ScopeKind.QUEUE,)),
    "topic": _noun(Family.BUS, Family.GRID, kinds=(ScopeKind.TOPIC, ScopeKind.EVENT_GRID_TOPIC)),
    "bus topic": _noun(Family.BUS, kinds=(ScopeKind.TOPIC,)),
    "topic subscription": _noun(Family.BUS, kinds=(ScopeKind.TOPIC_SUBSCRIPTION,)),
    "bus": _noun(Family.BUS, kinds=(ScopeKind.SERVICE_BUS,)),
    "messages": _noun(Family.BUS, Family.STORAGE_QUEUES, Family.HUBS, data=True),
    "events": _noun(Family.HUBS, Family.BUS, Family.GRID, data=True),
    "hubs": _noun(Family.HUBS, kinds=(ScopeKind.EVENT_HUBS,)),
    "hub": _noun(Family.HUBS, kinds=(ScopeKind.EVENT_HUB,)),
    "grid": _noun(Family.GRID, kinds=(ScopeKind.EVENT_GRID_TOPIC,)),
    "settings": _noun(Family.SETTINGS, kinds=(ScopeKind.APP_CONFIGURATION,)),
    "registry": _noun(Family.IMAGES, kinds=(ScopeKind.REGISTRY,)),
    "images": _noun(Family.IMAGES, data=True),
    "metrics": _noun(Family.METRICS, data=True),
    "insights": _noun(Family.METRICS, kinds=(ScopeKind.APP_INSIGHTS,)),
    "cosmos": _noun(Family.COSMOS, kinds=(ScopeKind.COSMOS,)),
    "database": _noun(Family.COSMOS, kinds=(ScopeKind.COSMOS_DATABASE,)),
    "items": _noun(Family.COSMOS, Family.TABLES, data=True),
    "group": _noun(kinds=(ScopeKind.RESOURCE_GROUP,)),
    "azure subscription": _noun(kinds=(ScopeKind.SUBSCRIPTION,)),
}


def _block(part: Part, lines: dict[str, str]) -> dict[str, Meaning]:
    return {word: (part, value) for value, words in lines.items() for word in _each(words)}


def _each(words: str) -> list[str]:
    return [" ".join(word.split()) for word in words.split(",")]


def _forms(verb: str) -> tuple[str, str, str]:
    """A regular verb as it is written: write, writes, writing."""
    ends = "es" if verb.endswith(("s", "sh", "ch", "x")) else "s"
    if verb.endswith("y"):
        return verb, f"{verb[:-1]}ies", f"{verb}ing"
    return verb, f"{verb}{ends}", f"{verb.removesuffix('e')}ing"


_NOUN_WORDS = {
    "secrets": "secrets, passwords, password, key vault secrets",
    "secret": "secret, key vault secret",
    "certificates": "certificates, certs, tls certificates, key vault certificates",
    "certificate": "certificate, cert, key vault certificate",
    "keys": "keys, encryption keys, key vault keys",
    "key": "key, encryption key, key vault key",
    "vault": "vault, vaults, key vault, key vaults, keyvault, keyvaults, key-vault, kv, akv",
    "blobs": "blobs, blob, files, file, blob data, uploads, pdfs",
    "container": "container, containers",
    "blob container": "blob container, blob containers, storage container, storage containers",
    "blob storage": "blob storage, blobstorage, blob store, blob account, blob storage account",
    "storage": "storage, storage account, storage accounts, storageaccount",
    "storage queue": "storage queue, storage queues, queue storage, storage account queue",
    "table": "table, tables, table storage, storage table, storage tables",
    "queue": "queue, queues",
    "bus queue": """service bus queue, servicebus queue, service bus queues, sb queue, asb queue,
        bus queue""",
    "bus topic": """service bus topic, servicebus topic, service bus topics, sb topic, asb topic,
        bus topic""",
    "topic": "topic, topics",
    "topic subscription": "topic subscription, subscription, subscriptions, service bus subscription",
    "bus": """service bus, servicebus, service-bus, sb, asb, bus, message bus, service bus namespace,
        servicebus namespace, sb namespace, bus namespace""",
    "messages": "messages, message",
    "events": "events, event",
    "hubs": """event hubs namespace, event hub namespace, eventhub namespace, eventhubs namespace,
        event hubs, eventhubs""",
    "hub": "event hub, eventhub",
    "grid": "event grid, eventgrid, event grid topic",
    "settings": """app configuration, app config, appconfig, appconfiguration, app configuration store,
        configuration store, feature flags""",
    "registry": "registry, container registry, acr",
    "images": "images, image, container images",
    "metrics": "metrics, telemetry",
    "insights": "application insights, app insights, appinsights",
    "cosmos": """cosmos, cosmosdb, cosmos db, cosmos account, cosmosdb account, cosmos db account,
        cosmos-db""",
    "database": "cosmos database, cosmosdb database, cosmos db database, database, databases, db",
    "items": "items, entities, documents, records",
    "group": "resource group, resource-group, resourcegroup, rg, resource groups",
    "azure subscription": "azure subscription, whole subscription, entire subscription, all subscriptions",
}

_VERBS: dict[str, str] = {
    Action.READ: """read, fetch, load, view, list, download, pull, mount, sync, retrieve, query, see,
        open, lookup""",
    Action.WRITE: "write, upload, store, save, edit, modify, update, delete",
    Action.SEND: "send, publish, enqueue, push, produce, post",
    Action.RECEIVE: """receive, consume, listen, dequeue, process, subscribe, drain, peek, handle""",
    Action.ENCRYPT: "encrypt, decrypt, verify, unwrap, sign, wrap",
    Action.USE: "access, use, connect, talk, reach, authenticate",
}
_ACTION_WORDS: dict[str, str] = {
    Action.READ: "readable, readonly, read-only, ro, reader, look up, read access",
    Action.WRITE: "writable, writeable, put, puts, putting, contributor, writer, write access",
    Action.SEND: "emit, emits, emitting, sender, publisher, producer",
    Action.RECEIVE: "receiver, consumer, listener, pick up, subscriber",
    Action.USE: "work with, works with",
}

_LABEL_WORDS: dict[str, str] = {
    Label.NAMESPACE: "namespace, ns, kubernetes namespace, k8s namespace, name space, k8s ns",
    Label.ACCOUNT: """service account, serviceaccount, svc account, service-account, sa, ksa,
        k8s service account, kubernetes service account, k8s sa, workload name, service account name""",
    Label.CLUSTER: """cluster, aks cluster, environment, env, aks, k8s cluster, kubernetes cluster""",
    Label.APP: """app, application, service, deployment, workload, pod, pods, job, cronjob, statefulset,
        microservice, component, svc, cron job""",
}

_CONSUMER_WORDS: dict[str, str] = {
    Consumer.EXTERNAL_SECRETS: """external secrets, external-secrets, externalsecrets, eso,
        external secrets operator, external-secrets operator, secretstore, secret store,
        externalsecret, external secret""",
    Consumer.KEDA: """keda, scaledjob, scaledjobs, scaledobject, scaledobjects, scaled job,
        scaled jobs, keda operator, keda scaler, scaler""",
    Consumer.CSI: """csi, csi driver, secrets store csi, secrets store csi driver, csi secrets store,
        csi-driver""",
    Consumer.POD: "plain pod, ordinary pod, the pod itself, the pods themselves",
}

_OTHER_WORDS: dict[Part, str] = {
    Part.PREPOSITION: """from, in, on, of, to, for, into, at, within, inside, onto, by, through, via,
        under""",
    Part.NEED: """need, needs, needed, want, wants, require, requires, should, must, has to, have to,
        be able to, able, can, could, may, allowed, allows, permission, permissions, rights, is going to,
        will, wanna, gotta, needing, wanting, would like, 'd like, likes, shall, the right to,
        perm, perms, like, love""",
    Part.GIVE: """give, gives, grant, grants, provide, assign, let, allow, enable, permit, set up, setup,
        create, make, authorize, authorise, onboard, equip, provision, configure, register""",
    Part.RUNS: "runs, running, lives, living, deployed, sits, sitting, located, hosted, resides, run, live",
    Part.NOT: """not, no, don't, dont, doesn't, doesnt, never, without, except, neither, nor, n't, isn't,
        isnt, shouldn't, shouldnt, mustn't, must not, can't, cannot, won't, needn't, do not, does not,
        should not, other than, rather than, and not, no longer, no need, not needed, nothing, stop, stops""",
    Part.ALSO: """also, too, as well, additionally, add, plus, as well as, in addition, another, extra,
        adding, moreover, furthermore, on top, besides""",
    Part.ONLY: "only, just, merely, solely, nothing more, nothing else",
    Part.INSTEAD: "instead, instead of, in place of",
    Part.DROP: """drop, remove, forget, removes, scrap, skip, leave out, take away, take out, get rid of,
        undo, dropping, removing, omit, exclude, lose""",
    Part.CHANGE: """change, changes, replace, switch, actually, make it, i meant, meant, sorry, oops,
        correction, rather, i mean, rename, move, swap, set, use instead, should be, my bad, typo""",
    Part.AND: "and, &, +, und, and/or",
    Part.OR: "or, either, /",
    Part.BECAUSE: """because, cause, cuz, since we, since it, since the, as we, reason is, due to,
        because of, the reason is, the reason being, b/c, reasoning is, on account of""",
    Part.SO_THAT: """so that, in order to, so it can, so we can, so they can, so, so the,
        with the aim of, such that""",
    Part.REASON: "reason, why, purpose, justification, motivation, background",
    Part.PRIVILEGED: """owner, user access administrator, rbac administrator, admin, administrator,
        role based access control administrator, key vault administrator, global administrator,
        full access, full rights, full control, contributor role, admin rights, admin access""",
}

STOP_WORDS = """
a, an, the, our, my, your, this, that, these, those, it, its, it's, we, us, i, i'm, me, they, them,
their, he, she, is, are, be, am, been, was, were, do, does, did, would, please, pls, plz, kindly, hi,
hello, hey, thanks, thank you, thx, thank, you, cheers, good morning, morning, team, all, everything,
bot, dear, identity, identities, managed identity, workload identity, workload identities, managed
identities, msi, uami, azure, kubernetes, k8s, role, roles, but, there, here, named, called, name, with,
as, has, have, having, get, gets, getting, gain, obtain, data, contents, content, some, any, every,
each, which is, that is, who is, namely, i.e, ie, e.g, eg, ok, okay, yes, yep, yeah, sure, hm, hmm,
well, one, ones, new, own, same, specific, following, below, above, now, level, access level, request,
ask, asking, would you, could you, can you, can we, could we, may we, may i, can i, could i, for me, for
us, need an, if possible, permission to, assignment, role assignment, there's, existing, ready, bit,
great, perfect, cool, nice, awesome, lovely, afternoon, evening, day, folks, everyone, guys, friends,
y'all, let's, we'd, i'd, we've, i've, we're, they're, he's, she's, that's, hereby, really, very, still,
so far, fyi, currently, today, asap, soon, quickly, urgently, right now, someone, somebody, anyone,
anybody, think, guess, believe, mind, help, s, it'll, we'll, best, regards, kind, more, less, rbac, aad,
entra, entra id, being, federated, federation, credential, oidc, pod identity, possible, lot, a lot, so
much, forever, permanently, for good, indefinitely, whole, complete, entire, hiya, greetings, account,
wait, wrong, used, then, later, about, right, exactly, yet, anymore, any more, look, cc, again, its own,
such, how, what, which, when, where, who, both, few, several, many, multiple, various, couple of, a
couple of, requesting, requested, seeking, looking, looking for, wondering, asking for, asking
"""

MARKS: dict[str, Meaning] = {
    ",": (Part.BREAK, ","), ":": (Part.BREAK, ":"), "\n": (Part.BREAK, "\n"), "(": (Part.BREAK, "("),
    ")": (Part.BREAK, ")"), "[": (Part.BREAK, "["), "]": (Part.BREAK, "]"), "=": (Part.BREAK, "="),
    "{": (Part.BREAK, "{"), "}": (Part.BREAK, "}"), "-": (Part.BREAK, "-"), "|": (Part.BREAK, "|"),
    ">": (Part.BREAK, ">"), "...": (Part.BREAK, "..."),
    ";": (Part.END, ";"), ".": (Part.END, "."), "!": (Part.END, "!"), "?": (Part.END, "?"),
}  # fmt: skip

PHRASES: dict[str, Meaning] = {
    **dict.fromkeys(_each(STOP_WORDS), (Part.STOP, "")),
    **_block(Part.NOUN, _NOUN_WORDS),
    **_block(Part.ACTION, _ACTION_WORDS),
    **{form: (Part.ACTION, act) for act, verbs in _VERBS.items() for v in _each(verbs) for form in _forms(v)},
    **_block(Part.LABEL, _LABEL_WORDS),
    **_block(Part.CONSUMER, _CONSUMER_WORDS),
    **{word: (part, word) for part, words in _OTHER_WORDS.items() for word in _each(words)},
    **dict.fromkeys(("out of", "off of", "off"), (Part.PREPOSITION, "from")),
}
LONGEST = max(len(phrase.split()) for phrase in PHRASES)

ENVIRONMENTS: tuple[frozenset[str], ...] = (
    frozenset({"prod", "production", "prd", "live environment"}),
    frozenset({"dev", "development", "develop"}),
    frozenset({"staging", "stage", "stg"}),
    frozenset({"test", "testing", "tst"}),
    frozenset({"qa", "quality"}),
    frozenset({"uat", "acceptance", "acc"}),
    frozenset({"preprod", "pre-prod", "preproduction", "pre-production"}),
    frozenset({"sandbox", "sbx"}),
)
"""Words for one environment; a catalog's own name is taken for all of its row."""
VERBS = frozenset(word for word, (part, _) in PHRASES.items() if part is Part.ACTION and word.isalpha())
DATA = frozenset(word for word, (part, noun) in PHRASES.items() if part is Part.NOUN and word.isalpha())
SINGLE = {"secrets": "secret", "certificates": "certificate", "keys": "key"}
"""What one of the data is called, where a role can be given on one."""
