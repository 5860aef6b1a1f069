"""What deploy/ renders to is valid Kubernetes and refers to nothing that is not there."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import yaml

ROOT = Path(__file__).resolve().parent.parent
KUBECTL = Path(sys.executable).parent / "kubectl"
VERSION = "1.33"
FROM_OUTSIDE = {("Secret", "identity-bot")}
"""Named, and made by an administrator: secrets are not in the repository."""


def rendered(overlay: Path) -> list[dict[str, Any]]:
    """The objects that an overlay renders to."""
    done = subprocess.run(
        [str(KUBECTL), "kustomize", str(overlay), "--load-restrictor", "LoadRestrictionsNone"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{overlay}: {done.stderr.strip()}")
    return [one for one in yaml.safe_load_all(done.stdout) if one]


def complaints(objects: list[dict[str, Any]]) -> list[str]:
    """What the API server would refuse, and names that lead nowhere."""
    found = []
    for one in objects:
        try:
            kubernetes_validate.validate(one, VERSION, strict=True)
        except kubernetes_validate.ValidationError as error:
            found.append(f"{one['kind']} {one['metadata']['name']}: {error}")
    there = {(o["kind"], o["metadata"]["name"]) for o in objects} | FROM_OUTSIDE
    return found + [f"nothing is called {kind} {name}" for kind, name in sorted(_named(objects) - there)]


def _named(objects: list[dict[str, Any]]) -> set[tuple[str, str]]:
    named = set()
    for one in objects:
        if one["kind"] != "Deployment":
            continue
        pod = one["spec"]["template"]["spec"]
        named.add(("ServiceAccount", pod["serviceAccountName"]))
        named |= {("ConfigMap", v["configMap"]["name"]) for v in pod["volumes"] if "configMap" in v}
        for container in pod["containers"]:
            named |= {
                ("Secret", e["secretRef"]["name"]) for e in container.get("envFrom", ()) if "secretRef" in e
            }
    return named


def main() -> int:
    """1 when an overlay has a complaint."""
    found = []
    for overlay in sorted((ROOT / "deploy" / "overlays").iterdir()):
        objects = rendered(overlay)
        found += complaints(objects)
        print(f"{overlay.name}: {len(objects)} objects")
    print("\n".join(found))
    return min(len(found), 1)


if __name__ == "__main__":
    sys.exit(main())
