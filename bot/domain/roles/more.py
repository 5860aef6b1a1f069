"""The data roles of services that a workload meets less often."""

from bot.domain.roles.values import Action, Family, Role
from bot.domain.spec import ScopeKind

_HUBS = (ScopeKind.EVENT_HUBS, ScopeKind.EVENT_HUB)

MORE = (
    Role(
        key="event-hubs-data-receiver",
        id="a638d3c7-ab3a-418d-83e6-5f17a39d4fde",
        name="Azure Event Hubs Data Receiver",
        lets="receive events from",
        family=Family.HUBS,
        actions=(Action.READ, Action.RECEIVE),
        kinds=_HUBS,
        recommended=ScopeKind.EVENT_HUB,
    ),
    Role(
        key="event-hubs-data-sender",
        id="2b629674-e913-4c01-ae53-ef4638d8f975",
        name="Azure Event Hubs Data Sender",
        lets="send events to",
        family=Family.HUBS,
        actions=(Action.WRITE, Action.SEND),
        kinds=_HUBS,
        recommended=ScopeKind.EVENT_HUB,
    ),
    Role(
        key="event-grid-data-sender",
        id="d5a91429-5739-47e2-a06b-3470a27159e7",
        name="EventGrid Data Sender",
        lets="publish events to",
        family=Family.GRID,
        actions=(Action.WRITE, Action.SEND),
        kinds=(ScopeKind.EVENT_GRID_TOPIC,),
        recommended=ScopeKind.EVENT_GRID_TOPIC,
    ),
    Role(
        key="app-configuration-data-reader",
        id="516239f1-63e1-4d78-a4de-a74fb236a071",
        name="App Configuration Data Reader",
        lets="read the settings and feature flags of",
        family=Family.SETTINGS,
        actions=(Action.READ, Action.RECEIVE),
        kinds=(ScopeKind.APP_CONFIGURATION,),
        recommended=ScopeKind.APP_CONFIGURATION,
    ),
    Role(
        key="acr-pull",
        id="7f951dda-4ed3-4680-a7ca-43fe172d538d",
        name="AcrPull",
        lets="pull images from",
        family=Family.IMAGES,
        actions=(Action.READ, Action.RECEIVE),
        kinds=(ScopeKind.REGISTRY,),
        recommended=ScopeKind.REGISTRY,
        note="The images of pods are pulled with the identity of the node's kubelet, not with this one.",
    ),
    Role(
        key="monitoring-metrics-publisher",
        id="3913510d-42f4-4e42-8a64-420c390055eb",
        name="Monitoring Metrics Publisher",
        lets="publish metrics and telemetry to",
        family=Family.METRICS,
        actions=(Action.WRITE, Action.SEND),
        kinds=(ScopeKind.APP_INSIGHTS,),
        recommended=ScopeKind.APP_INSIGHTS,
    ),
)
