"""Settings: addresses and secrets, each from one environment variable."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, AliasChoices, Field, SecretStr, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.domain.draft.nearness import nearest
from bot.errors import NeedsOperator, Obstacle
from bot.turns import TurnSettings
from gitops.repository import AppKey, GitHubSettings

PREFIX = "IDENTITY_BOT_"
NEEDS_GITHUB = (
    f"a GitHub token; or give {PREFIX}GITHUB_APP_ID, {PREFIX}GITHUB_APP_KEY_FILE and"
    f" {PREFIX}GITHUB_INSTALLATION_ID"
)


def _readable(path: Path) -> Path:
    try:
        with path.open("rb"):
            return path
    except OSError as error:
        raise ValueError(
            f"{path} cannot be read ({error.strerror or error}); give the path of a file"
        ) from None


def _token(start: str) -> AfterValidator:
    def check(secret: SecretStr) -> SecretStr:
        if not secret.get_secret_value().startswith(start):
            raise ValueError(f"it must begin with {start}; copy it from the app's page at api.slack.com/apps")
        return secret

    return AfterValidator(check)


def _redis(address: SecretStr) -> SecretStr:
    if not address.get_secret_value().startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("it must begin with rediss:// (TLS), redis:// or unix://")
    return address


Url = Annotated[str, Field(pattern=r"^https?://\S+$")]
HttpsUrl = Annotated[str, Field(pattern=r"^https://\S+$")]
File = Annotated[Path, AfterValidator(_readable)]


class Settings(BaseSettings):
    """Everything from the environment. Secrets are never shown, not even in errors."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="ignore", hide_input_in_errors=True, env_ignore_empty=True
    )

    catalog: File = Field(description="Path of the catalog, a YAML file.")
    redis_url: Annotated[SecretStr, AfterValidator(_redis)] = Field(
        description="Address of Redis, with its password: rediss://:PASSWORD@HOST:6380/0."
    )
    slack_bot_token: Annotated[SecretStr, _token("xoxb-")] = Field(description="The Slack app's bot token.")
    slack_app_token: Annotated[SecretStr, _token("xapp-")] = Field(
        description="The Slack app's app-level token with connections:write, for Socket Mode."
    )
    slack_url: Url = Field("https://slack.com/api/", description="Address of Slack's Web API.")

    arm_url: HttpsUrl = Field(
        "https://management.azure.com", description="Address of Azure Resource Manager."
    )
    authority: HttpsUrl | None = Field(
        None,
        validation_alias=AliasChoices(f"{PREFIX}AUTHORITY", "AZURE_AUTHORITY_HOST"),
        description="Address of Entra ID; without it, that of the public cloud.",
    )
    azure_client_id: str | None = Field(
        None,
        validation_alias=AliasChoices(f"{PREFIX}AZURE_CLIENT_ID", "AZURE_CLIENT_ID"),
        description="Client id of the bot's own identity; in a pod workload identity sets it.",
    )
    azure_token_file: str | None = Field(
        None,
        validation_alias=AliasChoices(f"{PREFIX}AZURE_TOKEN_FILE", "AZURE_FEDERATED_TOKEN_FILE"),
        description="File with the bot's service account token; in a pod workload identity sets it.",
    )
    ca_file: str | None = Field(None, description="PEM file of authorities to trust instead of the system's.")

    github_url: Url = Field("https://api.github.com", description="Address of GitHub's REST API.")
    github_token: SecretStr | None = Field(None, description="A GitHub token; or give the three of an app.")
    github_app_id: int | None = Field(None, gt=0, description="Id of the GitHub App.")
    github_app_key_file: File | None = Field(None, description="PEM file with the GitHub App's private key.")
    github_installation_id: int | None = Field(None, gt=0, description="Id of the GitHub App's installation.")

    github_writes: int = Field(
        40,
        ge=6,
        le=80,
        description="Writes a minute that one replica sends; GitHub takes 80 from all replicas together.",
    )

    host: str = Field("0.0.0.0", description="Address to listen on for probes and metrics.")
    port: int = Field(8080, ge=0, le=65535, description="Port for /healthz, /readyz and /metrics.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level to log.")
    log_format: Literal["json", "console"] = Field("json", description="json, or console to read along.")

    look_every: float = Field(
        30, ge=1, le=3600, description="Seconds between two looks at a pull request or at Argo CD."
    )
    turns_at_once: int = Field(20, ge=1, le=200, description="Turns that one replica runs at once.")
    sweep_every: float = Field(1, gt=0, le=60, description="Seconds between two looks at what is due.")
    lease: float = Field(
        30, ge=2, le=600, description="Seconds for which a dead replica's turn blocks its request."
    )
    redelivery: float = Field(
        5, ge=1, le=600, description="Seconds after which a turn that a replica lost is handed to another."
    )
    drain: float = Field(10, gt=0, le=300, description="Seconds that running turns get after SIGTERM.")

    @model_validator(mode="after")
    def _github_knows_us(self) -> Self:
        app = (self.github_app_id, self.github_app_key_file, self.github_installation_id)
        if self.github_token and any(app):
            raise ValueError(f"{PREFIX}GITHUB_TOKEN and {PREFIX}GITHUB_APP_… are both set; give one of them")
        if not self.github_token and not all(app):
            raise ValueError(f"{PREFIX}GITHUB_TOKEN is missing: {NEEDS_GITHUB}")
        return self

    @model_validator(mode="after")
    def _authorities_are_there(self) -> Self:
        if self.ca_file:
            _readable(Path(self.ca_file))
        return self

    def github(self) -> GitHubSettings:
        """How to reach GitHub, and as whom."""
        key = None
        if self.github_app_id and self.github_app_key_file and self.github_installation_id:
            text = self.github_app_key_file.read_text()
            key = AppKey(str(self.github_app_id), self.github_installation_id, text)
        token = self.github_token.get_secret_value() if self.github_token else None
        return GitHubSettings(
            base_url=self.github_url,
            token=token,
            app=key,
            ca_file=self.ca_file,
            writes_per_minute=self.github_writes,
        )

    def turn_settings(self) -> TurnSettings:
        """How turns are run."""
        return TurnSettings(
            concurrency=self.turns_at_once,
            sweep_every=self.sweep_every,
            lease=self.lease,
            redelivery_timeout=self.redelivery,
            drain=self.drain,
        )

    def argocd_token(self, variable: str) -> str:
        """The token in the variable that the catalog names for an Argo CD; SettingsError without one."""
        if token := os.environ.get(variable):
            return token
        raise SettingsError(
            f"{variable} is missing: the token of an Argo CD in the catalog (token_variable)."
        )


class SettingsError(NeedsOperator):
    """What is wrong with the environment, one line for each variable."""

    def __init__(self, lines: str) -> None:
        super().__init__(lines, "", Obstacle.MISCONFIGURED)


def load_settings() -> Settings:
    """The settings of this process's environment; SettingsError when a variable is missing or wrong."""
    try:
        return Settings()
    except ValidationError as error:
        lines = [_line(found) for found in error.errors(include_url=False, include_input=False)]
        if not any(name.startswith(f"{PREFIX}GITHUB_") for name in os.environ):
            # Seen only once everything else is right, and then it is one more start for nothing.
            lines.append(f"{PREFIX}GITHUB_TOKEN is missing: {NEEDS_GITHUB}.")
        raise SettingsError("\n".join(dict.fromkeys(lines))) from None


def variables() -> Mapping[str, tuple[str, ...]]:
    """Each field's environment variables, the first one being ours."""
    return {name: tuple(_variables(name, field)) for name, field in Settings.model_fields.items()}


def _variables(name: str, field: Any) -> Iterable[str]:
    if isinstance(field.validation_alias, AliasChoices):
        return [str(choice) for choice in field.validation_alias.choices]
    return [f"{PREFIX}{name.upper()}"]


def _line(error: ErrorDetails) -> str:
    message = error["msg"].removeprefix("Value error, ")
    if not error["loc"]:
        return f"{message}."
    where = str(error["loc"][0])
    field = next((n for n, ours in variables().items() if where in (n, *ours)), where)
    variable = variables().get(field, (where,))[0]
    about = Settings.model_fields[field].description or ""
    if error["type"] == "missing":
        return f"{variable} is missing: {about[0].lower()}{about[1:]}{_slip(variable)}"
    return f"{variable} is wrong: {message[0].lower()}{message[1:].rstrip('.')}. {about}"


def _slip(variable: str) -> str:
    """A variable that is set, that nobody reads, and whose name is near."""
    known = {name for names in variables().values() for name in names}
    strangers = [name for name in os.environ if name.startswith(PREFIX) and name not in known]
    near = nearest(variable, strangers)
    return f" ({near} is set; is that a slip?)" if near else ""
