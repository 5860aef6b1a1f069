"""Built-in roles: GUID, name, actions, notActions, dataActions, as far as this Azure looks at them.

The GUIDs and actions are Azure's: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
"""

VAULT = "Microsoft.KeyVault/vaults"
BLOBS = "Microsoft.Storage/storageAccounts/blobServices"
QUEUES = "Microsoft.Storage/storageAccounts/queueServices/queues"
TABLES = "Microsoft.Storage/storageAccounts/tableServices/tables"
IDENTITIES = "Microsoft.ManagedIdentity/userAssignedIdentities"
CREDENTIALS = f"{IDENTITIES}/federatedIdentityCredentials"
COSMOS = "Microsoft.DocumentDB/databaseAccounts"
READING = ("Microsoft.Authorization/*/read", "Microsoft.Resources/subscriptions/resourceGroups/read")
BUS_READING = (
    "Microsoft.ServiceBus/*/queues/read",
    "Microsoft.ServiceBus/*/topics/read",
    "Microsoft.ServiceBus/*/topics/subscriptions/read",
)
VAULT_READING = (*READING, f"{VAULT}/*/read", "Microsoft.KeyVault/operations/read")

Row = tuple[str, str, tuple[str, ...], tuple[str, ...], tuple[str, ...]]

TABLE: tuple[Row, ...] = (
    ("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "Owner", ("*",), (), ()),
    (
        "b24988ac-6180-42a0-ab88-20f7382dd24c",
        "Contributor",
        ("*",),
        (
            "Microsoft.Authorization/*/Delete",
            "Microsoft.Authorization/*/Write",
            "Microsoft.Authorization/elevateAccess/Action",
        ),
        (),
    ),
    ("acdd72a7-3385-48ef-bd42-f606fba81ae7", "Reader", ("*/read",), (), ()),
    (
        "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
        "User Access Administrator",
        ("*/read", "Microsoft.Authorization/*", "Microsoft.Support/*"),
        (),
        (),
    ),
    (
        "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
        "Role Based Access Control Administrator",
        (
            "Microsoft.Authorization/roleAssignments/write",
            "Microsoft.Authorization/roleAssignments/delete",
            "*/read",
            "Microsoft.Support/*",
        ),
        (),
        (),
    ),
    (
        "e40ec5ca-96e0-45a2-b4ff-59039f2c2b59",
        "Managed Identity Contributor",
        (
            *(f"{IDENTITIES}/{verb}" for verb in ("read", "write", "delete")),
            *(f"{CREDENTIALS}/{verb}" for verb in ("read", "write", "delete")),
            f"{IDENTITIES}/revokeTokens/action",
            *READING,
        ),
        (),
        (),
    ),
    (
        "f1a07417-d97a-45cb-824c-7a7467783830",
        "Managed Identity Operator",
        (f"{IDENTITIES}/*/read", f"{IDENTITIES}/*/assign/action", *READING),
        (),
        (),
    ),
    (
        "7e559ce2-48d7-4b27-9128-fa1b247f1308",
        "Managed Identity Federated Identity Credential Contributor",
        (f"{IDENTITIES}/read", *(f"{CREDENTIALS}/{verb}" for verb in ("read", "write", "delete")), *READING),
        (),
        (),
    ),
    (
        "4633458b-17de-408a-b874-0445c86b69e6",
        "Key Vault Secrets User",
        (),
        (),
        (f"{VAULT}/secrets/getSecret/action", f"{VAULT}/secrets/readMetadata/action"),
    ),
    (
        "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
        "Key Vault Secrets Officer",
        VAULT_READING,
        (),
        (f"{VAULT}/secrets/*",),
    ),
    (
        "db79e9a7-68ee-4b58-9aeb-b90e7c24fcba",
        "Key Vault Certificate User",
        (),
        (),
        (
            f"{VAULT}/certificates/read",
            f"{VAULT}/secrets/getSecret/action",
            f"{VAULT}/secrets/readMetadata/action",
            f"{VAULT}/keys/read",
        ),
    ),
    (
        "12338af0-0e69-4776-bea7-57ae8d297424",
        "Key Vault Crypto User",
        (),
        (),
        (
            f"{VAULT}/keys/read",
            *(
                f"{VAULT}/keys/{verb}/action"
                for verb in ("update", "backup", "encrypt", "decrypt", "wrap", "unwrap", "sign", "verify")
            ),
        ),
    ),
    (
        "21090545-7ca7-4776-b22c-e363652d74d2",
        "Key Vault Reader",
        VAULT_READING,
        (),
        (f"{VAULT}/*/read", f"{VAULT}/secrets/readMetadata/action"),
    ),
    ("00482a5a-887f-4fb3-b363-3b7fe8e74483", "Key Vault Administrator", VAULT_READING, (), (f"{VAULT}/*",)),
    (
        "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
        "Storage Blob Data Reader",
        (f"{BLOBS}/containers/read", f"{BLOBS}/generateUserDelegationKey/action"),
        (),
        (f"{BLOBS}/containers/blobs/read",),
    ),
    (
        "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
        "Storage Blob Data Contributor",
        (
            *(f"{BLOBS}/containers/{verb}" for verb in ("delete", "read", "write")),
            f"{BLOBS}/generateUserDelegationKey/action",
        ),
        (),
        tuple(
            f"{BLOBS}/containers/blobs/{verb}"
            for verb in ("delete", "read", "write", "move/action", "add/action")
        ),
    ),
    (
        "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
        "Storage Blob Data Owner",
        (f"{BLOBS}/containers/*", f"{BLOBS}/generateUserDelegationKey/action"),
        (),
        (f"{BLOBS}/containers/blobs/*",),
    ),
    (
        "db58b8e5-c6ad-4a2a-8342-4190687cbf4a",
        "Storage Blob Delegator",
        (f"{BLOBS}/generateUserDelegationKey/action",),
        (),
        (),
    ),
    (
        "19e7f393-937e-4f77-808e-94535e297925",
        "Storage Queue Data Reader",
        (f"{QUEUES}/read",),
        (),
        (f"{QUEUES}/messages/read",),
    ),
    (
        "974c5e8b-45b9-4653-ba55-5f855dd0fb88",
        "Storage Queue Data Contributor",
        tuple(f"{QUEUES}/{verb}" for verb in ("delete", "read", "write")),
        (),
        tuple(f"{QUEUES}/messages/{verb}" for verb in ("delete", "read", "write", "process/action")),
    ),
    (
        "8a0f0c08-91a1-4084-bc3d-661d67233fed",
        "Storage Queue Data Message Processor",
        (),
        (),
        (f"{QUEUES}/messages/read", f"{QUEUES}/messages/process/action"),
    ),
    (
        "c6a89b2d-59bc-44d0-9896-0f6e12d7b80a",
        "Storage Queue Data Message Sender",
        (),
        (),
        (f"{QUEUES}/messages/add/action",),
    ),
    (
        "76199698-9eea-4c19-bc75-cec21354c6b6",
        "Storage Table Data Reader",
        (f"{TABLES}/read",),
        (),
        (f"{TABLES}/entities/read",),
    ),
    (
        "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
        "Storage Table Data Contributor",
        tuple(f"{TABLES}/{verb}" for verb in ("read", "write", "delete")),
        (),
        tuple(
            f"{TABLES}/entities/{verb}" for verb in ("read", "write", "delete", "add/action", "update/action")
        ),
    ),
    (
        "4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0",
        "Azure Service Bus Data Receiver",
        BUS_READING,
        (),
        ("Microsoft.ServiceBus/*/receive/action",),
    ),
    (
        "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39",
        "Azure Service Bus Data Sender",
        BUS_READING,
        (),
        ("Microsoft.ServiceBus/*/send/action",),
    ),
    (
        "090c5cfd-751d-490a-894a-3ce6f1109419",
        "Azure Service Bus Data Owner",
        ("Microsoft.ServiceBus/*",),
        (),
        ("Microsoft.ServiceBus/*",),
    ),
    (
        "a638d3c7-ab3a-418d-83e6-5f17a39d4fde",
        "Azure Event Hubs Data Receiver",
        ("Microsoft.EventHub/*/eventhubs/consumergroups/read",),
        (),
        ("Microsoft.EventHub/*/receive/action",),
    ),
    (
        "2b629674-e913-4c01-ae53-ef4638d8f975",
        "Azure Event Hubs Data Sender",
        ("Microsoft.EventHub/*/eventhubs/read",),
        (),
        ("Microsoft.EventHub/*/send/action",),
    ),
    (
        "516239f1-63e1-4d78-a4de-a74fb236a071",
        "App Configuration Data Reader",
        (),
        (),
        ("Microsoft.AppConfiguration/configurationStores/*/read",),
    ),
    (
        "7f951dda-4ed3-4680-a7ca-43fe172d538d",
        "AcrPull",
        ("Microsoft.ContainerRegistry/registries/pull/read",),
        (),
        (),
    ),
    (
        "3913510d-42f4-4e42-8a64-420c390055eb",
        "Monitoring Metrics Publisher",
        ("Microsoft.Insights/Register/Action", "Microsoft.Resources/subscriptions/resourceGroups/read"),
        (),
        ("Microsoft.Insights/Metrics/Write", "Microsoft.Insights/Telemetry/Write"),
    ),
    (
        "d5a91429-5739-47e2-a06b-3470a27159e7",
        "EventGrid Data Sender",
        (*READING, *(f"Microsoft.EventGrid/{kind}/read" for kind in ("topics", "domains", "namespaces"))),
        (),
        ("Microsoft.EventGrid/events/send/action",),
    ),
    (
        "fbdf93bf-df7d-467e-a4d2-9458aa1360c8",
        "Cosmos DB Account Reader Role",
        (*READING, "Microsoft.DocumentDB/*/read", f"{COSMOS}/readonlykeys/action"),
        (),
        (),
    ),
    (
        "230815da-be43-4aae-9cb4-875f7bd000aa",
        "Cosmos DB Operator",
        (*READING, f"{COSMOS}/*"),
        (
            f"{COSMOS}/listKeys/*",
            f"{COSMOS}/regenerateKey/*",
            *(
                f"{COSMOS}/{kind}/{verb}"
                for kind in ("sqlRoleDefinitions", "sqlRoleAssignments")
                for verb in ("write", "delete")
            ),
        ),
        (),
    ),
)
