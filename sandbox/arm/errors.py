"""Every refusal of this Azure, worded as it was recorded or documented (azure.md sections 1.2 to 1.8)."""

from typing import Any


class ArmError(Exception):
    """A request is refused. `wrapped` says whether the body has ARM's `error` envelope."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        headers: dict[str, str] | None = None,
        gateway: bool = False,
        wrapped: bool = True,
        more: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})
        if gateway:
            self.headers["x-ms-failure-cause"] = "gateway"
        self.wrapped = wrapped
        self.more = more or {}

    def body(self) -> dict[str, Any]:
        """The answer's JSON."""
        plain = {"code": self.code, "message": self.message, **self.more}
        return {"error": plain} if self.wrapped else plain


def resource_not_found(relative: str, group: str) -> ArmError:
    """The gateway knows no such resource."""
    return ArmError(
        404,
        "ResourceNotFound",
        f"The Resource '{relative}' under resource group '{group}' was not found. "
        "For more details please go to https://aka.ms/ARMResourceNotFoundFix",
        gateway=True,
    )


def group_not_found(group: str) -> ArmError:
    """The gateway knows no such resource group."""
    return ArmError(
        404, "ResourceGroupNotFound", f"Resource group '{group}' could not be found.", gateway=True
    )


def parent_not_found(verb: str, kind: str, parent: str) -> ArmError:
    """The resource that this one would be nested in does not exist; `verb` is read, write or delete."""
    return ArmError(
        404,
        "ParentResourceNotFound",
        f"Failed to perform '{verb}' on resource(s) of type '{kind}', because the parent resource "
        f"'{parent}' could not be found.",
        gateway=True,
    )


def subscription_not_found(subscription: str) -> ArmError:
    """No such subscription."""
    return ArmError(
        404, "SubscriptionNotFound", f"The subscription '{subscription}' could not be found.", gateway=True
    )


def path_not_found(path: str) -> ArmError:
    """Nothing answers at this path."""
    return ArmError(
        404, "InvalidResourceType", f"The resource type of '{path}' is not known to this sandbox."
    )


def not_allowed(method: str, path: str) -> ArmError:
    """The path is known, but not with this method."""
    return ArmError(
        405,
        "HttpMethodNotAllowed",
        f"The http method '{method}' is not supported for '{path}'.",
        gateway=True,
    )


def bad_request(message: str, code: str = "BadRequest") -> ArmError:
    """The request makes no sense."""
    return ArmError(400, code, message)


def invalid_content(problem: str) -> ArmError:
    """The body is no JSON, or not of the shape wanted."""
    return ArmError(
        400,
        "InvalidRequestContent",
        f"The request content was invalid and could not be deserialized: '{problem}'.",
        gateway=True,
    )


def name_invalid(name: str, what: str) -> ArmError:
    """A resource's name breaks its rules."""
    return ArmError(400, "InvalidResourceName", f"Resource name {name} is invalid. {what}")


def location_changed(name: str, location: str, wanted: str) -> ArmError:
    """A resource cannot move to another region."""
    return ArmError(
        409,
        "InvalidResourceLocation",
        f"The resource '{name}' already exists in location '{location}' in resource group. "
        f"A resource with the same name cannot be created in location '{wanted}'. "
        "Please select a new resource name.",
        gateway=True,
    )


def scope_locked(scope: str, verb: str, locked: list[str]) -> ArmError:
    """A lock stands in the way; `verb` is delete or write."""
    return ArmError(
        409,
        "ScopeLocked",
        f"The scope '{scope}' cannot perform {verb} operation because following scope(s) are locked: "
        f"'{','.join(locked)}'. Please remove the lock and try again.",
        gateway=True,
    )


def too_many(code: str, message: str, seconds: int, *, headers: dict[str, str] | None = None) -> ArmError:
    """A throttle; the answer says when to come back."""
    return ArmError(429, code, message, headers={"Retry-After": str(seconds), **(headers or {})})
