"""users.*, usergroups.*, bots.* and auth.*: who is who."""

from sandbox.slack import wire
from sandbox.slack.core import Core
from sandbox.slack.errors import SlackError
from sandbox.slack.methods.arguments import Arguments
from sandbox.slack.methods.conversations import paged
from sandbox.slack.model import Json


def auth_test(core: Core, given: Arguments) -> Json:
    """auth.test: whose token it is."""
    workspace = core.workspace
    return {
        "url": f"https://{workspace.team.domain}.slack.com/",
        "team": workspace.team.name,
        "user": workspace.bot.name,
        "team_id": workspace.team.id,
        "user_id": workspace.bot.user,
        "bot_id": workspace.bot.bot,
        "is_enterprise_install": False,
        **({"enterprise_id": workspace.team.enterprise} if workspace.team.enterprise else {}),
    }


def info(core: Core, given: Arguments) -> Json:
    """users.info: one account; the e-mail address only with its scope."""
    person = core.workspace.person(given.needed("user"))
    return {"user": wire.user(core.workspace, person, email=_may_see_mail(core))}


def list_all(core: Core, given: Arguments) -> Json:
    """users.list: every account, deactivated ones too."""
    email = _may_see_mail(core)
    rows = [wire.user(core.workspace, person, email=email) for person in core.workspace.people.values()]
    return {**paged("members", rows, given, default=1000, most=1000), "cache_ts": int(core.workspace.now())}


def by_email(core: Core, given: Arguments) -> Json:
    """users.lookupByEmail: the active account with this address. SlackError users_not_found."""
    wanted = given.needed("email").lower()
    for person in core.workspace.people.values():
        if person.email.lower() == wanted and not person.deleted:
            return {"user": wire.user(core.workspace, person)}
    raise SlackError("users_not_found")


def bot_info(core: Core, given: Arguments) -> Json:
    """bots.info: the app's own bot, or another one."""
    ref = given.text("bot", core.workspace.bot.bot)
    if ref != core.workspace.bot.bot and f"U{ref[1:]}" not in core.workspace.people:
        raise SlackError("bot_not_found")
    profile = wire.bot_profile(core.workspace, ref)
    return {
        "bot": {
            name: profile[name] for name in ("id", "app_id", "user_id", "name", "icons", "deleted", "updated")
        }
    }


def groups(core: Core, given: Arguments) -> Json:
    """usergroups.list: every group, disabled ones only with include_disabled."""
    _check_plan(core)
    users, count = given.flag("include_users"), given.flag("include_count")
    rows = [
        wire.group(core.workspace, group, users=users, count=count)
        for group in core.workspace.groups.values()
        if given.flag("include_disabled") or not group.disabled
    ]
    return {"usergroups": rows}


def group_users(core: Core, given: Arguments) -> Json:
    """usergroups.users.list: who is in one group; a disabled one is not there without include_disabled."""
    _check_plan(core)
    group = core.workspace.groups.get(given.needed("usergroup"))
    if group is None or (group.disabled and not given.flag("include_disabled")):
        raise SlackError("no_such_subteam")
    return {"users": list(group.users)}


def _check_plan(core: Core) -> None:
    if not core.workspace.options.paid_plan:
        raise SlackError("plan_upgrade_required")


def _may_see_mail(core: Core) -> bool:
    return core.workspace.manifest.grants(("users:read.email",))
