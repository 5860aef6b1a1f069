"""The unmodified `az` signs in to the sandbox and runs the guide's steps; the page is made from the run.

`az` is looked for in $AZ and on the path. `WRITE_PAGE=1` writes docs/azure-cli.md anew.
"""

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from arm_world import PROD, SAMPLE, TENANT, Cloud, running

AZ = os.environ.get("AZ") or shutil.which("az")
PAGE = Path(__file__).parents[2] / "docs" / "azure-cli.md"
OPERATOR = {
    "object_id": "7d1e0000-1111-4222-8333-444455556666",
    "client_id": "7d1e0000-1111-4222-8333-444455557777",
    "name": "operator",
    "secret": "for-the-sandbox-only",
}
pytestmark = [
    pytest.mark.skipif(AZ is None, reason="there is no az: install azure-cli somewhere and set AZ to it"),
    pytest.mark.timeout(300),
]
NAMED = re.compile(r"(?P<name>[A-Z]+)=\$\((?P<inner>.*)\)", re.DOTALL)
# What differs from run to run, or is too long to read: a GUID that is drawn, a port, a subscription.
DRAWN = re.compile(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}")


@dataclass(frozen=True)
class Section:
    """Some commands of the page and why one gives them, and how many requests they take, if that is fixed."""

    title: str
    why: str
    commands: tuple[str, ...]
    requests: int | None = None


INTRODUCTION = """# Azure's own command line against the sandbox

The sandbox's Azure is true enough that `az`, unmodified, signs in to it and does what the guide does by hand.
This page is made from a run of `tests/sandbox/test_arm_az.py`, which fails when the two differ; `…` stands
for what differs from run to run.

`az` is large; keep it in an environment of its own:
`python3 -m venv azcli && azcli/bin/pip install azure-cli`, with `azcli/bin` on the path.

Start the sandbox with `python -m sandbox`. It prints what a client needs in its environment; put that into
another shell, and then:

```sh
export REQUESTS_CA_BUNDLE="$SANDBOX_CA_FILE"    # trust the sandbox's certificate
export AZURE_CONFIG_DIR="$PWD/.data/az"         # leave your own sign-in alone
export AZURE_CORE_INSTANCE_DISCOVERY=false      # do not ask login.microsoftonline.com who we are
```
"""
GIVE = (
    'az role assignment create --assignee-object-id "$PRINCIPAL" --assignee-principal-type ServicePrincipal'
    ' --role "Key Vault Secrets User" --scope "$VAULT" --query principalType -o tsv'
)
SECTIONS = (
    Section(
        "Sign in",
        "The token is that of the bot's own identity, as it would get it in its pod's place.",
        (
            'az cloud register -n Sandbox --endpoint-resource-manager "$ARM_URL"',
            "az cloud set -n Sandbox --only-show-errors",
            'az login --identity --query "[].name" -o tsv',
            "az account set -s shop-production",
        ),
    ),
    Section(
        "The cluster's issuer",
        "It ends in a slash, which belongs to it.",
        (
            "ISSUER=$(az aks show -g rg-aks-prod -n prod-weu --query oidcIssuerProfile.issuerUrl -o tsv)",
            "az aks show -g rg-aks-prod -n prod-weu --query securityProfile.workloadIdentity.enabled",
        ),
    ),
    Section(
        "The identity",
        "One request.",
        (
            "PRINCIPAL=$(az identity create -g rg-identities-prod -n id-demo -l westeurope --tags "
            "team=payments"
            " --query principalId -o tsv)",
        ),
        1,
    ),
    Section(
        "Its federated credential",
        "One request; the audience is the usual one unless another is given.",
        (
            "az identity federated-credential create -g rg-identities-prod --identity-name id-demo -n "
            "prod-weu"
            ' --issuer "$ISSUER" --subject system:serviceaccount:payments:demo'
            ' --query "[subject, audiences[0]]" -o tsv',
            "az identity federated-credential list -g rg-identities-prod --identity-name id-demo"
            ' --query "[].name" -o tsv',
        ),
        2,
    ),
    Section(
        "A role on a vault",
        "The type of the principal is said, so that nobody has to look it up. A second time is no error: "
        "`az` finds"
        " what is there.",
        (
            "VAULT=$(az keyvault show -n kv-payments -g rg-data-prod --query id -o tsv)",
            GIVE,
            GIVE,
            'az role assignment list --scope "$VAULT" --query "[].roleDefinitionName" -o tsv',
        ),
    ),
    Section(
        "A data role of Cosmos DB",
        "It has an API of its own and takes a while.",
        (
            "az cosmosdb sql role definition list -g rg-data-prod -a cosmos-catalogue --query '[].roleName' "
            "-o tsv",
            "COSMOS=$(az cosmosdb sql role assignment create -g rg-data-prod -a cosmos-catalogue"
            " --role-definition-id 00000000-0000-0000-0000-000000000002 --scope /dbs/catalogue"
            ' --principal-id "$PRINCIPAL" --query name -o tsv)',
            "az cosmosdb sql role assignment delete -g rg-data-prod -a cosmos-catalogue"
            ' --role-assignment-id "$COSMOS" --yes',
        ),
    ),
    Section(
        "Look at it, and take it back",
        "In reverse: roles before the identity, or they stay behind as somebody's whom nobody knows.",
        (
            'az identity show -g rg-identities-prod -n id-demo --query "[name, location, tags.team]" -o tsv',
            'az role assignment delete --assignee "$PRINCIPAL" --scope "$VAULT"'
            ' --role "Key Vault Secrets User"',
            "az identity federated-credential delete -g rg-identities-prod --identity-name id-demo -n "
            "prod-weu --yes",
            "az identity delete -g rg-identities-prod -n id-demo",
            "az identity show -g rg-identities-prod -n id-demo",
        ),
    ),
)


@dataclass
class Terminal:
    """A shell whose `az` is the real one and whose Azure is the sandbox's."""

    cloud: Cloud
    environment: dict[str, str]
    said: list[str] = field(default_factory=list)

    async def run(self, command: str) -> tuple[int, str]:
        """The exit code and what was printed, errors included; `NAME=$(…)` is remembered."""
        named = NAMED.fullmatch(command)
        text = named["inner"] if named else command
        process = await asyncio.create_subprocess_exec(
            "bash",
            "-c",
            text,
            env=self.environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        printed = (await process.communicate())[0].decode().strip()
        if named:
            self.environment[named["name"]] = printed
        return process.returncode or 0, printed


@pytest.fixture
async def terminal(tmp_path: Path) -> AsyncIterator[Terminal]:
    rights = [{"principal": OPERATOR["object_id"], "role": "Owner", "scope": "shop-production"}]
    async with running(tmp_path, {**SAMPLE, "applications": [OPERATOR], "assignments": rights}) as cloud:
        environment = {
            "PATH": f"{Path(AZ or '').parent}:{os.environ['PATH']}",
            "HOME": str(tmp_path),
            "AZURE_CONFIG_DIR": str(tmp_path / "az"),
            "AZURE_CORE_INSTANCE_DISCOVERY": "false",
            "AZURE_CORE_COLLECT_TELEMETRY": "no",
            "AZURE_CORE_NO_COLOR": "1",
            "AZURE_CORE_LOGIN_EXPERIENCE_V2": "off",
            "REQUESTS_CA_BUNDLE": cloud.ca,
            "ARM_URL": cloud.url,
            "IDENTITY_ENDPOINT": f"{cloud.plain}/msi/token",
            "IDENTITY_HEADER": "sandbox",
        }
        yield Terminal(cloud, environment)


async def test_az_runs_the_guides_steps_and_the_page_shows_them(terminal: Terminal) -> None:
    written = [INTRODUCTION]
    commands = 0
    for section in SECTIONS:
        terminal.cloud.world.journal.clear()
        lines = [f"## {section.title}\n", f"{section.why}\n", "```console"]
        for command in section.commands:
            code, printed = await terminal.run(command)
            absent = command == SECTIONS[-1].commands[-1]
            assert code == (3 if absent else 0), f"{command}\n{printed}"
            commands += 1
            lines += [f"$ {command}", *_shown(terminal, command, printed)]
        written.append("\n".join([*lines, "```\n"]))
        if section.requests:
            assert len(terminal.cloud.world.journal.read("arm")) == section.requests
    print(f"\n{commands} az commands ran, unmodified")

    page = "\n".join(written)
    if os.environ.get("WRITE_PAGE"):
        PAGE.write_text(page)
    assert PAGE.read_text() == page, "docs/azure-cli.md is old: run this test once with WRITE_PAGE=1"


def _shown(terminal: Terminal, command: str, printed: str) -> list[str]:
    if NAMED.fullmatch(command) or not printed:
        return []
    return DRAWN.sub("…", printed.replace(terminal.cloud.url, "$ARM_URL")).splitlines()


async def test_az_signs_in_with_a_secret(terminal: Terminal) -> None:
    del terminal.environment["IDENTITY_ENDPOINT"]
    await _register(terminal)

    code, printed = await terminal.run(
        f"az login --service-principal -u {OPERATOR['client_id']} -p {OPERATOR['secret']} --tenant {TENANT}"
        " --query '[].name' -o tsv"
    )

    assert (code, printed) == (0, "shop-production")
    code, printed = await terminal.run("az role assignment list --all --query '[].principalName' -o tsv")
    assert (code, OPERATOR["client_id"] in printed) == (0, True)


async def test_az_signs_in_with_a_service_accounts_token(terminal: Terminal) -> None:
    del terminal.environment["IDENTITY_ENDPOINT"]
    await _register(terminal)
    cloud = terminal.cloud
    group = f"/subscriptions/{PROD}/resourceGroups/rg-identity-bot/providers/Microsoft.ManagedIdentity"
    issuer = cloud.arm.clusters.issuer(cloud.arm.clusters.named("prod-weu"))
    subject, audience = "system:serviceaccount:identity-bot:bot", "api://AzureADTokenExchange"
    properties = {"issuer": issuer, "subject": subject, "audiences": [audience]}
    path = f"{group}/userAssignedIdentities/id-identity-bot/federatedIdentityCredentials/bot"
    assert (await cloud.call("PUT", path, {"properties": properties})).status == 201
    token = cloud.arm.service_account_token("prod-weu", "identity-bot", "bot")

    code, printed = await terminal.run(
        f"az login --service-principal -u {SAMPLE['caller']['client_id']} --tenant {TENANT} "
        f"--federated-token {token}"
        " --query '[].name' -o tsv"
    )

    assert (code, printed.splitlines()) == (0, ["shop-production", "shop-development"])


async def _register(terminal: Terminal) -> None:
    for command in SECTIONS[0].commands[:2]:
        assert (await terminal.run(command))[0] == 0
