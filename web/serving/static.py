"""The static files: their version stands in their addresses, so that a browser keeps them for a year."""

import hashlib
from pathlib import Path
from typing import Any

from flask import Flask, Response, request


def register(app: Flask) -> None:
    """Add the version to the addresses of static files, and answer those that have it for a year."""
    # One for all files: a script hands its own on to those that it imports.
    contents = (path.read_bytes() for path in sorted((Path(app.root_path) / "static").iterdir()))
    version = hashlib.sha256(b"".join(contents)).hexdigest()[:12]

    def addressed(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static":
            values.setdefault("v", version)

    def dated(response: Response) -> Response:
        if request.endpoint == "static" and request.args.get("v") == version and response.status_code < 400:
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response

    app.url_defaults(addressed)
    app.after_request(dated)
