"""What the bot can do, for somebody who meets it for the first time."""

from bot.domain.catalog import Catalog
from bot.views.parts import Listed, Part, brief
from bot.views.steps import role_names
from bot.views.words import Bold, Code, line

EXAMPLE = "payments-api in namespace payments on {cluster} needs to read secrets from kv-payments because …"
COMMANDS = (
    ("status", "where the request is and who must act next"),
    ("cancel", "ends it, until it is being made; only for whoever asked"),
    ("retry", "goes on after an operator has mended what stopped it"),
    ("help", "this text"),
)


def guide(catalog: Catalog) -> list[Part]:
    """How to ask, what to say in a request's thread, how it is approved, what can be asked for."""
    example = EXAMPLE.format(cluster=catalog.clusters[0].name)
    return [
        line("I give a workload on AKS its own Azure identity, by an approval here and a pull request."),
        line(Bold("To ask"), ", mention me and say what needs what, and why: ", Code(example)),
        line("I ask for what is missing. More words in the thread change the request, until it starts."),
        line(Bold("In a request's thread")),
        Listed(tuple(line(Code(word), f": {meaning}") for word, meaning in COMMANDS)),
        line(
            Bold("To approve"),
            ", react with ✅ on the card; ⛔ rejects. Taking ✅ away before it starts takes the "
            "approval back. Whoever asks cannot approve.",
        ),
        line(Bold("Clusters")),
        brief(f"{c.name} ({c.environment})" for c in catalog.clusters),
        line(Bold("Roles")),
        brief(role_names(catalog)),
    ]
