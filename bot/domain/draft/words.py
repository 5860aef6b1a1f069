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
    return {word.strip(): (part, value) for value, words in lines.items() for word in words.split(",")}


_NOUN_WORDS = {
    "secrets": "secrets, passwords, password, key vault secrets",
    "secret": "secret, key vault secret",
    "certificates": "certificates, certs, tls certificates, key vault certificates",
    "certificate": "certificate, cert, key vault certificate",
    "keys": "keys, encryption keys, key vault keys",
    "key": "key, encryption key, key vault key",
    "vault": "vault, vaults, key vault, key vaults, keyvault, keyvaults, key-vault, kv, akv, azure key vault",
    "blobs": "blobs, blob, files, file, blob data, uploads, pdfs",
    "container": "container, containers",
    "blob container": "blob container, blob containers, storage container, storage containers",
    "blob storage": "blob storage, blobstorage, blob store, blob account, blob storage account",
    "storage": "storage, storage account, storage accounts, storageaccount, azure storage",
    "storage queue": "storage queue, storage queues, queue storage, storage account queue",
    "table": "table, tables, table storage, storage table, storage tables",
    "queue": "queue, queues",
    "bus queue": "service bus queue, servicebus queue, service bus queues, sb queue, asb queue, bus queue",
    "bus topic": "service bus topic, servicebus topic, service bus topics, sb topic, asb topic, bus topic",
    "topic": "topic, topics",
    "topic subscription": "topic subscription, subscription, subscriptions, service bus subscription",
    "bus": "service bus, servicebus, service-bus, sb, asb, bus, azure service bus, message bus, service bus"
    " namespace, servicebus namespace, sb namespace, bus namespace",
    "messages": "messages, message",
    "events": "events, event",
    "hubs": "event hubs namespace, event hub namespace, eventhub namespace, eventhubs namespace, event hubs,"
    " eventhubs",
    "hub": "event hub, eventhub",
    "grid": "event grid, eventgrid, event grid topic",
    "settings": "app configuration, app config, appconfig, appconfiguration, app configuration store,"
    " configuration store, feature flags, azure app configuration",
    "registry": "registry, container registry, acr, azure container registry",
    "images": "images, image, container images",
    "metrics": "metrics, telemetry",
    "insights": "application insights, app insights, appinsights",
    "cosmos": "cosmos, cosmosdb, cosmos db, cosmos account, cosmosdb account, cosmos db account,"
    " azure cosmos db, cosmos-db",
    "database": "cosmos database, cosmosdb database, cosmos db database, database, databases, db",
    "items": "items, entities, documents, records",
    "group": "resource group, resource-group, resourcegroup, rg",
    "azure subscription": "azure subscription, whole subscription, entire subscription",
}

_ACTION_WORDS: dict[str, str] = {
    Action.READ: "read, reads, reading, fetch, fetches, fetching, load, loads, view, list, lists, listing,"
    " download, downloads, downloading, readonly, read-only, ro, reader, pull, pulls, pulling, mount, sync,"
    " look up, retrieve, retrieves, query, queries, see, open",
    Action.WRITE: "write, writes, writing, upload, uploads, uploading, put, puts, store, stores, storing,"
    " save, saves, saving, edit, modify, update, updates, delete, deletes, deleting, contributor, writer",
    Action.SEND: "send, sends, sending, publish, publishes, publishing, enqueue, enqueues, push, pushes,"
    " emit, emits, produce, produces, sender, publisher, producer, post, posts",
    Action.RECEIVE: "receive, receives, receiving, consume, consumes, consuming, listen, listens, listening,"
    " dequeue, process, processes, processing, receiver, consumer, listener, subscribe, subscribes, drain,"
    " pick up, peek, handle, handles",
    Action.ENCRYPT: "encrypt, decrypt, sign, verify, wrap, unwrap, signing, encrypting, decrypting",
    Action.USE: "access, use, uses, using, connect, connects, talk, talks, reach, work with, accessing",
}

_LABEL_WORDS: dict[str, str] = {
    Label.NAMESPACE: "namespace, ns, kubernetes namespace, k8s namespace, name space, k8s ns",
    Label.ACCOUNT: "service account, serviceaccount, svc account, service-account, sa, ksa, k8s service"
    " account, kubernetes service account, k8s sa, workload name, service account name",
    Label.CLUSTER: "cluster, aks cluster, environment, env, aks, k8s cluster, kubernetes cluster",
    Label.APP: "app, application, service, deployment, workload, pod, pods, job, cronjob, statefulset,"
    " microservice, component, svc, cron job",
}

_CONSUMER_WORDS: dict[str, str] = {
    Consumer.EXTERNAL_SECRETS: "external secrets, external-secrets, externalsecrets, eso, external secrets"
    " operator, external-secrets operator, secretstore, secret store, externalsecret, external secret",
    Consumer.KEDA: "keda, scaledjob, scaledjobs, scaledobject, scaledobjects, scaled job, scaled jobs, keda"
    " operator, keda scaler, scaler",
    Consumer.CSI: "csi, csi driver, secrets store csi, secrets store csi driver, csi secrets store, csi-driver",
    Consumer.POD: "plain pod, ordinary pod, the pod itself, the pods themselves",
}

_OTHER_WORDS: dict[Part, str] = {
    Part.PREPOSITION: "from, in, on, of, to, for, into, at, within, inside, onto, by, through, via, under",
    Part.NEED: "need, needs, needed, want, wants, require, requires, should, must, has to, have to, be able"
    " to, able, can, could, may, allowed, allows, permission, permissions, rights, is going to, will,"
    " wanna, gotta, needing, wanting, would like, 'd like, likes",
    Part.GIVE: "give, gives, grant, grants, provide, assign, let, allow, enable, permit, set up, setup, create,"
    " make, authorize, authorise, onboard, equip, provision, configure, register",
    Part.RUNS: "runs, running, lives, living, deployed, sits, sitting, located, hosted, resides, run, live",
    Part.NOT: "not, no, don't, dont, doesn't, doesnt, never, without, except, neither, nor, n't, isn't, isnt,"
    " shouldn't, shouldnt, mustn't, must not, can't, cannot, won't, needn't, do not, does not, should not,"
    " other than, rather than, and not, no longer, no need, not needed",
    Part.ALSO: "also, too, as well, additionally, add, plus, as well as, in addition, another, extra, adding,"
    " moreover, furthermore, on top, besides",
    Part.ONLY: "only, just, merely, solely, nothing more, nothing else",
    Part.INSTEAD: "instead, instead of, in place of",
    Part.DROP: "drop, remove, forget, removes, scrap, skip, leave out, take away, take out, get rid of, undo,"
    " dropping, removing, omit, exclude, lose",
    Part.CHANGE: "change, changes, replace, switch, actually, make it, i meant, meant, sorry, oops,"
    " correction, rather, i mean, rename, move, swap, use instead, should be, my bad, typo",
    Part.AND: "and, &, +, und, and/or, then, both",
    Part.OR: "or, either, /",
    Part.BECAUSE: "because, cause, cuz, since we, since it, since the, as we, reason is, due to, because of,"
    " the reason is, the reason being, b/c, reasoning is, on account of",
    Part.SO_THAT: "so that, in order to, so it can, so we can, so they can, so, so the, with the aim of, such"
    " that",
    Part.REASON: "reason, why, purpose, justification, motivation, background",
    Part.ASKS: "who, what, which, how, when, where, whose",
}

STOP_WORDS = """
a, an, the, our, my, your, this, that, these, those, it, its, it's, we, us, i, i'm, me, they, them, their, he,
she, is, are, be, am, been, was, were, do, does, did, would, please, pls, plz, kindly, hi, hello, hey, thanks,
thank you, thx, thank, you, cheers, good morning, morning, team, all, everything, bot, dear, identity, identities,
managed identity, workload identity, workload identities, managed identities, msi, uami, azure, kubernetes, k8s,
role, roles, grant for, but, there, here, named, called, name, with, as, has, have, having, get, gets, getting,
gain, obtain, data, contents, content, some, any, every, each, which is, that is, who is, namely, i.e, ie, e.g,
eg, ok, okay, yes, yep, yeah, sure, hm, hmm, well, one, ones, new, own, same, specific, following, below, above,
now, able, level, access level, request, ask, asking, would you, could you, can you, can we, could we, may we,
may i, can i, could i, for me, for us, need an, if possible, permission to, assignment, role assignment, there's,
existing, ready, called the, bit, want you, great, perfect, cool, nice, awesome, lovely, afternoon, evening, day,
folks, everyone, guys, friends, y'all, let's, we'd, i'd, we've, i've, we're, they're, he's, she's, that's,
what's new, hereby, really, very, still, so far, fyi, currently, today, asap, soon, quickly, urgently, right now,
someone, somebody, anyone, anybody, think, guess, believe, guys, mate, team's, mind, help, s, it'll, we'll, whose
account, so much, lot, a lot, best, regards, kind, more, less, via the, rbac, aad, entra, entra id, being, cluster's,
namespace's, federated, federation, credential, oidc, pod identity, kindly asking, possible, using the, dev team,
platform team, forever, permanently, for good, indefinitely, full, whole, complete, entire, hiya, greetings, account, wait, wrong, used, then, later
"""

MARKS: dict[str, Meaning] = {
    ",": (Part.BREAK, ","), ":": (Part.BREAK, ":"), "\n": (Part.BREAK, "\n"), "(": (Part.BREAK, "("),
    ")": (Part.BREAK, ")"), "[": (Part.BREAK, "["), "]": (Part.BREAK, "]"), "=": (Part.BREAK, "="),
    "{": (Part.BREAK, "{"), "}": (Part.BREAK, "}"), "-": (Part.BREAK, "-"), "|": (Part.BREAK, "|"),
    ">": (Part.BREAK, ">"), "...": (Part.BREAK, "..."),
    ";": (Part.END, ";"), ".": (Part.END, "."), "!": (Part.END, "!"), "?": (Part.END, "?"),
}  # fmt: skip

PHRASES: dict[str, Meaning] = {
    **{word.strip(): (Part.STOP, "") for word in STOP_WORDS.replace("\n", " ").split(",")},
    **_block(Part.NOUN, _NOUN_WORDS),
    **_block(Part.ACTION, _ACTION_WORDS),
    **_block(Part.LABEL, _LABEL_WORDS),
    **_block(Part.CONSUMER, _CONSUMER_WORDS),
    **{w.strip(): (part, w.strip()) for part, words in _OTHER_WORDS.items() for w in words.split(",")},
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
