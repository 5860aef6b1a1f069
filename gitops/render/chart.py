"""One chart rendered by Helm's own library; a script that runs confined and prints what the chart renders.

    python -I -S chart.py < ORDER

ORDER is a JSON object: `paths` (the standard library's), `library` (the folder of `helm_python`), `chart`
(its directory), `values`, and the release's `name` and `namespace`.
"""

import importlib.util
import json
import sys
from typing import Any


def main() -> None:
    """The rendered manifests stand in the output, each as a document of its own."""
    order = json.load(sys.stdin)
    sys.path[:0] = order["paths"]
    with _library(order["library"]).Chart.load(order["chart"]) as chart:
        rendered = chart.render(order["values"], name=order["name"], namespace=order["namespace"])
    for template in sorted(rendered):
        sys.stdout.write(f"---\n{rendered[template]}\n")


def _library(place: str) -> Any:
    """Helm's package from its own folder: what stands beside it cannot be listed from in here."""
    spec = importlib.util.spec_from_file_location(
        "helm_python", f"{place}/__init__.py", submodule_search_locations=[place]
    )
    if spec is None or spec.loader is None:
        sys.exit("Helm's library cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    sys.modules["helm_python"] = module
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main()
