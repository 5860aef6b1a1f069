"""What an operator sees when a setting or the catalog is wrong, and that every setting is written down."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from bot.domain.catalog import Catalog
from bot.domain.roles import ROLES
from bot.settings import CatalogError, Settings, SettingsError, load_catalog, load_settings
from bot.settings.catalog_file import models_in
from bot.settings.environment import PREFIX, variables

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "deploy" / "catalog.example.yaml"
DOCS = ROOT / "docs" / "settings.md"
GOOD = {
    "REDIS_URL": "rediss://:password@redis:6380/0",
    "SLACK_BOT_TOKEN": "xoxb-example",
    "SLACK_APP_TOKEN": "xapp-example",
    "GITHUB_TOKEN": "example",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment with everything that is required, and nothing of this machine's."""
    for names in variables().values():
        for name in names:
            monkeypatch.delenv(name, raising=False)
    for name, value in {**GOOD, "CATALOG": str(EXAMPLE)}.items():
        monkeypatch.setenv(PREFIX + name, value)
    return monkeypatch


def refused() -> list[str]:
    """What is said of the environment, line by line."""
    with pytest.raises(SettingsError) as caught:
        load_settings()
    return str(caught.value).splitlines()


def test_what_is_required_is_enough(environment: pytest.MonkeyPatch) -> None:
    settings = load_settings()
    assert settings.slack_url == "https://slack.com/api/"
    assert settings.arm_url == "https://management.azure.com"
    assert settings.github().token == "example"
    assert settings.turn_settings().lease == settings.lease == 30


def test_each_missing_variable_is_a_line_of_its_own(environment: pytest.MonkeyPatch) -> None:
    for name in (*GOOD, "CATALOG"):
        environment.delenv(PREFIX + name)
    lines = refused()
    assert [line.split()[0] for line in lines] == [
        "IDENTITY_BOT_CATALOG",
        "IDENTITY_BOT_REDIS_URL",
        "IDENTITY_BOT_SLACK_BOT_TOKEN",
        "IDENTITY_BOT_SLACK_APP_TOKEN",
        "IDENTITY_BOT_GITHUB_TOKEN",
    ]
    assert all(" is missing: " in line for line in lines)


def test_a_slip_in_a_variables_name_is_pointed_out(environment: pytest.MonkeyPatch) -> None:
    environment.delenv(PREFIX + "REDIS_URL")
    environment.setenv(PREFIX + "REDIS_ULR", "redis://redis")
    assert refused()[0].endswith("(IDENTITY_BOT_REDIS_ULR is set; is that a slip?)")


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("SLACK_BOT_TOKEN", "xapp-swapped", "must begin with xoxb-"),
        ("SLACK_APP_TOKEN", "xoxb-swapped", "must begin with xapp-"),
        ("REDIS_URL", "redis.example.org:6379", "must begin with rediss://"),
        ("ARM_URL", "http://127.0.0.1:8443", "match pattern '^https://"),
        ("PORT", "eighty", "integer"),
        ("LEASE", "1", "greater than or equal to 2"),
        ("LOG_LEVEL", "loud", "'debug', 'info', 'warning' or 'error'"),
        ("CATALOG", "nowhere.yaml", "cannot be read (No such file or directory)"),
        ("CA_FILE", "nowhere.pem", "cannot be read"),
        ("GITHUB_APP_ID", "7", "give one of them"),
    ],
)
def test_a_wrong_value_is_one_line_that_says_what_to_write(
    environment: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    environment.setenv(PREFIX + name, value)
    (line,) = refused()
    assert says in line


def test_half_a_github_app_is_not_enough(environment: pytest.MonkeyPatch) -> None:
    environment.delenv(PREFIX + "GITHUB_TOKEN")
    environment.setenv(PREFIX + "GITHUB_APP_ID", "7")
    (line,) = refused()
    assert "IDENTITY_BOT_GITHUB_INSTALLATION_ID" in line


def test_a_github_app_is_known_by_its_key(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    key = tmp_path / "app.pem"
    key.write_text("a private key")
    environment.delenv(PREFIX + "GITHUB_TOKEN")
    environment.setenv(PREFIX + "GITHUB_APP_ID", "7")
    environment.setenv(PREFIX + "GITHUB_INSTALLATION_ID", "11")
    environment.setenv(PREFIX + "GITHUB_APP_KEY_FILE", str(key))
    app = load_settings().github().app
    assert app is not None
    assert (app.id, app.installation, app.private_key) == ("7", 11, "a private key")


def test_in_a_pod_azure_is_known_from_workload_identitys_own_variables(
    environment: pytest.MonkeyPatch,
) -> None:
    environment.setenv("AZURE_CLIENT_ID", "5b8e3d70-1c2f-4e9a-b6d4-7f0a9c8e2b13")
    environment.setenv("AZURE_FEDERATED_TOKEN_FILE", "/var/run/secrets/azure/tokens/azure-identity-token")
    environment.setenv("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.com/")
    settings = load_settings()
    assert settings.azure_client_id == "5b8e3d70-1c2f-4e9a-b6d4-7f0a9c8e2b13"
    assert settings.azure_token_file == "/var/run/secrets/azure/tokens/azure-identity-token"
    assert settings.authority == "https://login.microsoftonline.com/"


def test_secrets_are_never_shown(environment: pytest.MonkeyPatch) -> None:
    assert "password" not in repr(load_settings())
    environment.setenv(PREFIX + "REDIS_URL", "http://:hidden-one@redis")
    assert "hidden-one" not in "\n".join(refused())


def test_the_token_of_an_argo_cd_is_in_the_variable_that_the_catalog_names(
    environment: pytest.MonkeyPatch,
) -> None:
    environment.setenv("ARGO_WEST", "example")
    assert load_settings().argocd_token("ARGO_WEST") == "example"
    with pytest.raises(SettingsError, match="ARGO_EAST is missing"):
        load_settings().argocd_token("ARGO_EAST")


# -- the catalog


def test_the_example_is_right() -> None:
    assert [c.name for c in load_catalog(EXAMPLE).clusters] == ["prod-weu", "dev-weu"]


def line_of(text: str, needle: str) -> int:
    """The number of the first line with these words."""
    return next(n for n, line in enumerate(text.splitlines(), 1) if needle in line)


WRONG = [
    ("    region: westeurope\n    # az", "    regoin: westeurope\n    # az", "clusters[0].regoin: ",
     "did you mean region?"),
    ("[C0IDENTITIES]", "[identities]", "channels[0]: ", "'identities' is not a Slack channel id"),
    ("      needed: 1\n    # Between", "      needed: 9\n    # Between", "clusters[0].approvers.needed: ",
     "at most 5"),
    ("  - key-vault-secrets-user", "  - key-vault-secret-user", "roles[0]: ",
     "did you mean key-vault-secrets-user?"),
    ("  - storage-blob-data-reader", "  - key-vault-secrets-user", "roles[1]: ", "stands twice"),
    ("  - name: dev-weu", "  - name: prod-weu", "clusters[1].name: ", "stands twice"),
    ("    tenant: shop\n    subscription: 1a2b3c4d-0002",
     "    tenant: shopp\n    subscription: 1a2b3c4d-0002", "clusters[1].tenant: ",
     "'shopp' is not under tenants; there is shop"),
    ("    hold_seconds: 20", "    hold_seconds: soon", "clusters[0].hold_seconds: ", "is not a whole number"),
    ("    grants: before-review\n\n  - name", "    grants: later\n\n  - name", "clusters[0].grants: ",
     "write 'before-review' or 'after-merge'"),
    ("aliases: [production cluster]", "aliases: production", "clusters[0].aliases: ", "is not a list"),
    ("aliases: [development cluster]", "aliases: [production cluster]", "clusters[1].aliases[0]: ",
     "means prod-weu already"),
    ("apps/{namespace}/{environment}", "apps/{team}", "clusters[0].paths[3]: ", "uses ['team']"),
    ("charts/{service_account}", "../charts", "clusters[0].paths[4]: ", "must stay inside the repository"),
    ("    id: 3f6c2a1e-8f0d-4b57-9a3c-5d1e7b2f4a60", "    id: 3F6C2A1E", "tenants[0].id: ", "is not a GUID"),
    ("repository: shop/gitops", "repository: https://github.com/shop/gitops", "clusters[0].repository: ",
     "owner/name"),
    ("      group: S0PLATFORM\n      needed: 1\n    # Between", "      needed: 1\n    # Between",
     "clusters[0].approvers: ", "nobody could ever approve"),
    ("version: 1\n", "version: 1\nversion: 1\n", "version: ", "stands twice here"),
    ("roles:\n", "roles: {\n", "", "is not YAML"),
    ("bot:\n", "bat:\n", "bat: ", "did you mean bot?"),
]  # fmt: skip


@pytest.mark.parametrize(("right", "wrong", "key", "says"), WRONG, ids=[w[1].strip()[:40] for w in WRONG])
def test_a_wrong_catalog_is_refused_with_file_line_and_key(
    tmp_path: Path, right: str, wrong: str, key: str, says: str
) -> None:
    text = EXAMPLE.read_text()
    assert right in text
    path = tmp_path / "catalog.yaml"
    path.write_text(text.replace(right, wrong, 1))
    with pytest.raises(CatalogError) as caught:
        load_catalog(path)
    lines = str(caught.value).splitlines()
    line = next(one for one in lines if says in one)
    assert re.match(rf"{re.escape(str(path))}:\d+: {re.escape(key)}", line)


def test_the_line_is_the_one_to_mend(tmp_path: Path) -> None:
    text = EXAMPLE.read_text().replace("name: dev-weu", "name: Dev").replace("needed: 1", "needed: 0")
    path = tmp_path / "catalog.yaml"
    path.write_text(text)
    with pytest.raises(CatalogError) as caught:
        load_catalog(path)
    lines = str(caught.value).splitlines()
    assert len(lines) == 3, "every mistake at once"
    assert lines[0].startswith(f"{path}:{line_of(text, 'needed: 0')}: clusters[0].approvers.needed: ")
    assert any(one.startswith(f"{path}:{line_of(text, 'name: Dev')}: clusters[1].name: ") for one in lines)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "the catalog must be a mapping"),
        (b"- a\n", "the catalog must be a mapping"),
        (b"\xff\xfe", "is not UTF-8"),
        (b"a: &x [*x]\n", "c.yaml:1: "),
        (b"a: !!python/object:os.system x\n", "c.yaml:1: "),
        (b"a: b: c\n", "c.yaml:1: is not YAML"),
        (b"x" * 1_000_001, "more than 1,000,000"),
    ],
)
def test_what_is_no_catalog_at_all_is_said_so(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "c.yaml"
    path.write_bytes(content)
    with pytest.raises(CatalogError) as caught:
        load_catalog(path)
    assert says in str(caught.value)


def test_a_catalog_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="cannot be read"):
        load_catalog(tmp_path / "none.yaml")


# -- written down


def keys_of(model: type[BaseModel]) -> Iterator[str]:
    """Every key of the catalog, as `clusters.approvers.group`."""
    for name, field in model.model_fields.items():
        yield name
        for inner in models_in(field.annotation):
            yield from (f"{name}.{key}" for key in keys_of(inner))


@pytest.mark.parametrize("variable", [name for names in variables().values() for name in names])
def test_every_variable_is_in_the_documentation(variable: str) -> None:
    assert f"`{variable}`" in DOCS.read_text()


@pytest.mark.parametrize("key", list(keys_of(Catalog)))
def test_every_key_of_the_catalog_is_in_the_documentation(key: str) -> None:
    assert f"`{key}`" in DOCS.read_text()


@pytest.mark.parametrize("role", ROLES, ids=lambda r: r.key)
def test_every_role_is_in_the_documentation(role: Any) -> None:
    assert f"| `{role.key}` | {role.name} |" in DOCS.read_text()


def test_the_documentation_names_no_setting_that_is_gone() -> None:
    known = {name for names in variables().values() for name in names} | {"IDENTITY_BOT_ARGOCD_TOKEN"}
    assert set(re.findall(r"`(IDENTITY_BOT_\w+)`", DOCS.read_text())) <= known


def test_defaults_in_the_documentation_are_the_defaults() -> None:
    text = DOCS.read_text()
    for name, field in Settings.model_fields.items():
        if field.is_required() or field.default is None:
            continue
        default = f"{field.default:g}" if isinstance(field.default, float) else str(field.default)
        assert f"`{variables()[name][0]}` | `{default}` |" in text
