"""Every role that a catalog can offer. GUIDs and names: Azure's own list of built-in roles (azure.md 1.5).

What makes sense where: learn.microsoft.com/azure/role-based-access-control/built-in-roles and the
pages of each service on authorizing access to its data.
"""

from bot.domain.roles.more import MORE
from bot.domain.roles.values import Action, Family, Role
from bot.domain.spec import ScopeKind

_VAULT = (ScopeKind.VAULT,)
_BLOBS = (ScopeKind.STORAGE, ScopeKind.CONTAINER)
_STORAGE_QUEUES = (ScopeKind.STORAGE, ScopeKind.STORAGE_QUEUE)
_TABLES = (ScopeKind.STORAGE, ScopeKind.STORAGE_TABLE)
_BUS_IN = (ScopeKind.SERVICE_BUS, ScopeKind.QUEUE, ScopeKind.TOPIC, ScopeKind.TOPIC_SUBSCRIPTION)
_BUS_OUT = (ScopeKind.SERVICE_BUS, ScopeKind.QUEUE, ScopeKind.TOPIC)
_COSMOS = (ScopeKind.COSMOS, ScopeKind.COSMOS_DATABASE, ScopeKind.COSMOS_CONTAINER)

_READS = (Action.READ, Action.RECEIVE)
_WRITES = (Action.WRITE, Action.SEND)
_ONE_SECRET = (
    ScopeKind.SECRET,
    "Listing the vault fails with this scope (External Secrets' dataFrom lists it), and Microsoft advises"
    " one vault for each application instead of roles on single secrets.",
)
_ONE_CONTAINER = (
    ScopeKind.CONTAINER,
    "Signing links with a user delegation key fails with this scope: it needs a role on the account.",
)
_CHANGE_FEED = (
    ScopeKind.COSMOS_CONTAINER,
    "Reading the change feed fails with this scope: it needs the database or the account.",
)

_GUIDE = (
    Role(
        key="key-vault-secrets-user",
        id="4633458b-17de-408a-b874-0445c86b69e6",
        name="Key Vault Secrets User",
        lets="read every secret of",
        lets_one="read",
        family=Family.SECRETS,
        actions=_READS,
        kinds=(*_VAULT, ScopeKind.SECRET),
        recommended=ScopeKind.VAULT,
        below=(_ONE_SECRET,),
    ),
    Role(
        key="storage-blob-data-reader",
        id="2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
        name="Storage Blob Data Reader",
        lets="read and list the blobs of",
        family=Family.BLOBS,
        actions=_READS,
        kinds=_BLOBS,
        recommended=ScopeKind.CONTAINER,
        below=(_ONE_CONTAINER,),
    ),
    Role(
        key="storage-blob-data-contributor",
        id="ba92f5b4-2d11-453d-a403-e96b0029c9fe",
        name="Storage Blob Data Contributor",
        lets="read, write and delete the blobs of",
        family=Family.BLOBS,
        actions=_WRITES,
        kinds=_BLOBS,
        recommended=ScopeKind.CONTAINER,
        includes=("storage-blob-data-reader",),
        below=(_ONE_CONTAINER,),
    ),
    Role(
        key="service-bus-data-receiver",
        id="4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0",
        name="Azure Service Bus Data Receiver",
        lets="receive messages from",
        family=Family.BUS,
        actions=_READS,
        kinds=_BUS_IN,
        recommended=ScopeKind.QUEUE,
    ),
    Role(
        key="service-bus-data-sender",
        id="69a216fc-b8fb-44d8-bc22-1f3c2cd27a39",
        name="Azure Service Bus Data Sender",
        lets="send messages to",
        family=Family.BUS,
        actions=_WRITES,
        kinds=_BUS_OUT,
        recommended=ScopeKind.QUEUE,
    ),
)

_COSMOS_ROLES = (
    Role(
        key="cosmos-data-reader",
        id="00000000-0000-0000-0000-000000000001",
        name="Cosmos DB Built-in Data Reader",
        lets="read and query the items of",
        family=Family.COSMOS,
        actions=_READS,
        kinds=_COSMOS,
        recommended=ScopeKind.COSMOS_DATABASE,
        below=(_CHANGE_FEED,),
        note="It works on accounts of the NoSQL API only.",
        plane="cosmos",
    ),
    Role(
        key="cosmos-data-contributor",
        id="00000000-0000-0000-0000-000000000002",
        name="Cosmos DB Built-in Data Contributor",
        lets="read, write and delete the items of",
        family=Family.COSMOS,
        actions=_WRITES,
        kinds=_COSMOS,
        recommended=ScopeKind.COSMOS_DATABASE,
        includes=("cosmos-data-reader",),
        below=(_CHANGE_FEED,),
        note="It works on accounts of the NoSQL API only.",
        plane="cosmos",
    ),
)

_VAULT_ROLES = (
    Role(
        key="key-vault-secrets-officer",
        id="b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
        name="Key Vault Secrets Officer",
        lets="read, set and delete every secret of",
        lets_one="read, set and delete",
        family=Family.SECRETS,
        actions=_WRITES,
        kinds=(*_VAULT, ScopeKind.SECRET),
        recommended=ScopeKind.VAULT,
        includes=("key-vault-secrets-user",),
        below=(_ONE_SECRET,),
    ),
    Role(
        key="key-vault-certificate-user",
        id="db79e9a7-68ee-4b58-9aeb-b90e7c24fcba",
        name="Key Vault Certificate User",
        lets="read every certificate, with its private key, of",
        lets_one="read, with its private key,",
        family=Family.CERTIFICATES,
        actions=_READS,
        kinds=(*_VAULT, ScopeKind.CERTIFICATE),
        recommended=ScopeKind.VAULT,
    ),
    Role(
        key="key-vault-crypto-user",
        id="12338af0-0e69-4776-bea7-57ae8d297424",
        name="Key Vault Crypto User",
        lets="encrypt, decrypt, sign and verify with every key of",
        lets_one="encrypt, decrypt, sign and verify with",
        family=Family.KEYS,
        actions=(Action.ENCRYPT, Action.READ),
        kinds=(*_VAULT, ScopeKind.KEY),
        recommended=ScopeKind.VAULT,
    ),
)

_STORAGE_ROLES = (
    Role(
        key="storage-queue-data-reader",
        id="19e7f393-937e-4f77-808e-94535e297925",
        name="Storage Queue Data Reader",
        lets="peek at messages of",
        family=Family.STORAGE_QUEUES,
        actions=(Action.READ,),
        kinds=_STORAGE_QUEUES,
        recommended=ScopeKind.STORAGE_QUEUE,
    ),
    Role(
        key="storage-queue-data-message-processor",
        id="8a0f0c08-91a1-4084-bc3d-661d67233fed",
        name="Storage Queue Data Message Processor",
        lets="peek at, receive and delete messages of",
        family=Family.STORAGE_QUEUES,
        actions=_READS,
        kinds=_STORAGE_QUEUES,
        recommended=ScopeKind.STORAGE_QUEUE,
    ),
    Role(
        key="storage-queue-data-message-sender",
        id="c6a89b2d-59bc-44d0-9896-0f6e12d7b80a",
        name="Storage Queue Data Message Sender",
        lets="add messages to",
        family=Family.STORAGE_QUEUES,
        actions=_WRITES,
        kinds=_STORAGE_QUEUES,
        recommended=ScopeKind.STORAGE_QUEUE,
    ),
    Role(
        key="storage-queue-data-contributor",
        id="974c5e8b-45b9-4653-ba55-5f855dd0fb88",
        name="Storage Queue Data Contributor",
        lets="read, write and delete queues and messages of",
        family=Family.STORAGE_QUEUES,
        actions=(Action.WRITE,),
        kinds=_STORAGE_QUEUES,
        recommended=ScopeKind.STORAGE_QUEUE,
        includes=(
            "storage-queue-data-reader",
            "storage-queue-data-message-processor",
        ),
    ),
    Role(
        key="storage-table-data-reader",
        id="76199698-9eea-4c19-bc75-cec21354c6b6",
        name="Storage Table Data Reader",
        lets="read the entities of",
        family=Family.TABLES,
        actions=_READS,
        kinds=_TABLES,
        recommended=ScopeKind.STORAGE_TABLE,
    ),
    Role(
        key="storage-table-data-contributor",
        id="0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
        name="Storage Table Data Contributor",
        lets="read, write and delete the entities of",
        family=Family.TABLES,
        actions=_WRITES,
        kinds=_TABLES,
        recommended=ScopeKind.STORAGE_TABLE,
        includes=("storage-table-data-reader",),
    ),
)

ROLES: tuple[Role, ...] = (*_GUIDE, *_COSMOS_ROLES, *_VAULT_ROLES, *_STORAGE_ROLES, *MORE)
"""Every role of the table: the guide's five first, then the guide's sixth and the other data roles."""
