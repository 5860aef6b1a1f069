"""The REST operations."""

import json
from typing import Any

from aiohttp import web

from sandbox.argocd import shapes
from sandbox.argocd.call import CALL, Call, application_name, body, resource_key
from sandbox.argocd.fields import picked
from sandbox.argocd.manifests import WORKLOADS, Key
from sandbox.argocd.refusal import Refused, failed_precondition, invalid
from sandbox.argocd.render import RenderFailed
from sandbox.argocd.tokens import token_line

API = "/api/v1"
APP = API + "/applications/{name}"
PODS_LIMIT = 10
VERSION = {
    "Version": "v3.2.1+sandbox",
    "BuildDate": "2026-10-01T00:00:00Z",
    "GitCommit": "0000000000000000000000000000000000000000",
    "GitTreeState": "clean",
    "GoVersion": "go1.25.0",
    "Compiler": "gc",
    "Platform": "linux/amd64",
    "KustomizeVersion": "v5.8.1",
    "HelmVersion": "v3.19.0",
}
routes = web.RouteTableDef()


@routes.get("/api/version")
@routes.get(API + "/version")
async def version(request: web.Request) -> web.Response:
    """What this claims to be; the one thing that needs no token."""
    return web.json_response(VERSION)


@routes.post(API + "/session")
async def create_session(request: web.Request) -> web.Response:
    """A token for a name and the password in the options."""
    known = request[CALL]
    told = await body(request)
    password = known.options.password
    if not password or told.get("password") != password:
        raise Refused(16, "Invalid username or password")
    return web.json_response({"token": next(iter(known.options.tokens))})


@routes.get(API + "/session/userinfo")
async def user_info(request: web.Request) -> web.Response:
    """Whose token this is."""
    name = request[CALL].account.name
    return web.json_response({"loggedIn": True, "username": name, "iss": "argocd", "groups": []})


@routes.get(API + "/clusters")
async def list_clusters(request: web.Request) -> web.Response:
    """The clusters that applications deploy to."""
    known = request[CALL]
    known.require("clusters/get")
    items = [
        {
            "name": name,
            "server": f"https://{name}.hcp.westeurope.azmk8s.io:443",
            "serverVersion": "1.33",
            "connectionState": {"status": "Successful", "message": "", "attemptedAt": shapes.MADE},
            "info": {"connectionState": {"status": "Successful"}, "serverVersion": "1.33"},
        }
        for name in sorted(known.controller.clusters)
    ]
    return web.json_response({"metadata": {}, "items": items})


@routes.get(API + "/applications")
async def list_applications(request: web.Request) -> web.Response:
    """Applications, by project and source repository where asked for."""
    known = request[CALL]
    known.require("applications/get")
    projects = {*request.query.getall("projects", []), *request.query.getall("project", [])}
    found = []
    for name, state in known.controller.states.items():
        named = request.query.get("name") in (None, "", name)
        if named and (not projects or state.app.project in projects):
            found.append(shapes.application(known.options, known.controller, name))
    if repo := request.query.get("repo"):
        # As Argo CD: by plain comparison, so that another spelling of the address finds nothing.
        found = [a for a in found if a["spec"]["source"]["repoURL"] == repo]
    answer = {"metadata": {"resourceVersion": "1"}, "items": found}
    return web.json_response(picked(answer, request.query.get("fields", "")))


@routes.get(APP)
async def get_application(request: web.Request) -> web.Response:
    """One application, after a look at Git when `refresh` is normal or hard."""
    known, name = request[CALL], application_name(request)
    known.require("applications/get")
    if request.query.get("refresh") in ("normal", "hard", "true"):
        await known.controller.refresh(name)
    found = shapes.application(known.options, known.controller, name)
    return web.json_response(picked(found, request.query.get("fields", "")))


@routes.post(APP + "/sync")
async def sync(request: web.Request) -> web.Response:
    """The application is being brought to what Git holds."""
    known, name = request[CALL], application_name(request)
    known.require("applications/sync")
    told = await body(request)
    state = known.controller.states[name]
    revision = told.get("revision") or ""
    if revision and revision != state.app.revision and not told.get("dryRun"):
        if state.auto_sync:
            wanted = state.app.revision
            raise failed_precondition(f"Cannot sync to {revision}: auto-sync currently set to {wanted}")
        raise failed_precondition(f"the sandbox syncs only to {state.app.revision}, not to {revision}")
    only = {_named(row) for row in told["resources"]} if told.get("resources") else None
    if not told.get("dryRun"):
        await known.controller.sync(name, by=known.account.name, only=only, prune=bool(told.get("prune")))
    return web.json_response(shapes.application(known.options, known.controller, name))


def _named(row: Any) -> Key:
    if not isinstance(row, dict):
        raise invalid("resources: each needs group, kind, namespace and name")
    return Key(*(str(row.get(part, "")) for part in ("group", "kind", "namespace", "name")))


@routes.get(APP + "/resource-tree")
async def resource_tree(request: web.Request) -> web.Response:
    """Every object, with what controllers made of it."""
    known, name = request[CALL], application_name(request)
    known.require("applications/get")
    return web.json_response(shapes.tree(known.controller, name))


@routes.get(APP + "/resource")
async def get_resource(request: web.Request) -> web.Response:
    """An object as it is in the cluster, pods too."""
    known, name = request[CALL], application_name(request)
    known.require("applications/get")
    key = resource_key(known, name, request.query)
    live = known.controller.cluster(name).objects[key]
    shown = shapes.live_manifest(live, known.controller.clock.now())
    return web.json_response({"manifest": json.dumps(shown)})


@routes.get(APP + "/managed-resources")
async def managed_resources(request: web.Request) -> web.Response:
    """What Git wants beside what is live, by kind, name, namespace and group where asked for."""
    known, name = request[CALL], application_name(request)
    known.require("applications/get")
    rows = shapes.managed(known.controller, name)
    for part in ("kind", "name", "namespace", "group"):
        if wanted := request.query.get(part):
            rows = [row for row in rows if row[part] == wanted]
    return web.json_response({"items": rows})


@routes.get(APP + "/manifests")
async def get_manifests(request: web.Request) -> web.Response:
    """What any commit renders to, also one that is not merged yet."""
    known, name = request[CALL], application_name(request)
    known.require("applications/get")
    try:
        sha, rendered = await known.controller.manifests(name, request.query.get("revision"))
    except RenderFailed as error:
        raise Refused(13, str(error)) from error
    texts = [json.dumps(manifest) for manifest in rendered.targets.values()]
    return web.json_response({"manifests": texts, "revision": sha, "sourceType": rendered.kind})


@routes.get(APP + "/events")
async def get_events(request: web.Request) -> web.Response:
    """Kubernetes events about one object, or about the application."""
    known, name = request[CALL], application_name(request)
    known.require("applications/get")
    cluster, query = known.controller.cluster(name), request.query
    if not any(query.get(k) for k in ("resourceUID", "resourceName", "resourceNamespace")):
        return web.json_response(shapes.event_list(cluster, []))
    for key, live in _members(known, name):
        named = (live.manifest["metadata"]["uid"], key.name, key.namespace)
        if named == tuple(query.get(k, "") for k in ("resourceUID", "resourceName", "resourceNamespace")):
            about = [e for e in cluster.events if e.key == str(key)]
            return web.json_response(shapes.event_list(cluster, about))
    raise invalid(f"{query.get('resourceName')} not found as part of application {name}")


def _members(known: Call, name: str) -> list[Any]:
    cluster, state = known.controller.cluster(name), known.controller.states[name]
    found = []
    for row in state.resources(cluster, known.controller.clock.now()):
        if row.key in cluster.objects:
            found += [(row.key, cluster.objects[row.key]), *cluster.children(row.key)]
    return found


@routes.get(APP + "/logs")
@routes.get(APP + "/pods/{podName}/logs")
async def get_logs(request: web.Request) -> web.Response:
    """Lines of one pod, or of all pods of an object, each as one JSON object."""
    known, name = request[CALL], application_name(request)
    known.require("logs/get")
    pod = request.match_info.get("podName") or request.query.get("podName", "")
    found = [(k, live) for k, live in _members(known, name) if k.kind == "Pod" and (not pod or k.name == pod)]
    if resource := request.query.get("resourceName"):
        key = resource_key(known, name, request.query)
        below = {k for k, _ in known.controller.cluster(name).children(key)}
        found = [(k, live) for k, live in found if k in below or k.name == resource]
    if not found and pod:
        raise invalid("pod not found")
    if len(found) > PODS_LIMIT:
        raise invalid("max pods to view logs are reached. Please provide more granular query")
    lines = [line for k, live in found for line in _lines(known, name, k, live)]
    wanted, inverted = request.query.get("filter", ""), False
    if wanted.startswith("!"):
        wanted, inverted = wanted[1:], True
    lines = [line for line in lines if not wanted or (wanted in line["content"]) != inverted]
    if tail := int(request.query.get("tailLines") or 0):
        lines = lines[-tail:]
    last = {"content": "", "timeStampStr": "", "podName": "", "last": True}
    text = "".join(f"{json.dumps({'result': line})}\n" for line in [*lines, last])
    return web.Response(text=text, content_type="application/json")


def _lines(known: Call, name: str, key: Key, live: Any) -> list[dict[str, Any]]:
    if not live.is_ready(known.controller.clock.now()):
        return []
    cluster = known.controller.states[name].app.cluster
    told = ["starting", token_line(known.azure(), cluster, key, live), *live.lines]
    at = {"timeStamp": live.ready, "timeStampStr": live.ready}
    return [{"content": line, **at, "podName": key.name, "last": False} for line in told if line]


@routes.post(APP + "/resource/actions")
@routes.post(APP + "/resource/actions/v2")
async def run_action(request: web.Request) -> web.Response:
    """A workload is restarted, or a CronJob run."""
    known, name = request[CALL], application_name(request)
    known.require("applications/action")
    told = {k: str(v) for k, v in request.query.items()}
    sent = await body(request, bare_string=True)
    told |= {"action": sent} if isinstance(sent, str) else {k: str(v) for k, v in sent.items()}
    key = resource_key(known, name, told)
    if told.get("action") == "restart" and key.kind in WORKLOADS:
        known.controller.restart(name, key)
    elif told.get("action") == "create-job" and key.kind == "CronJob":
        known.controller.run_job(name, key)
    else:
        raise invalid(f"built-in script does not exist: {told.get('action')} for {key.kind}")
    return web.json_response({})


@routes.get(APP + "/syncwindows")
async def sync_windows(request: web.Request) -> web.Response:
    """No window keeps anything closed here."""
    application_name(request)
    return web.json_response({"canSync": True})
