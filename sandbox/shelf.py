"""What outlives a restart: one JSON file for each service under the data folder."""

import json
import os
from pathlib import Path
from typing import Any


class Shelf:
    """Files that are always whole: written beside the old one and then put in its place."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def load(self, name: str) -> Any:
        """What was saved under this name, or None."""
        path = self.folder / f"{name}.json"
        return json.loads(path.read_text()) if path.exists() else None

    def save(self, name: str, value: Any) -> None:
        """This value is on disk under this name, whatever happens next."""
        path = self.folder / f"{name}.json"
        beside = path.with_suffix(".new")
        with beside.open("w") as file:
            # Encoded whole, json works in C; json.dump goes piece by piece in Python, several times slower.
            file.write(json.dumps(value))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
