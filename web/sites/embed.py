"""The search box on other pages of the newspaper: the custom element, and who may use it."""

from flask import Flask, Response, current_app, request


def register(app: Flask) -> None:
    """Add the script; pages of the configured origins may read it, its static files and the API."""
    app.add_url_rule("/embed.js", "embed", embed)
    app.after_request(_shared)


def embed() -> Response:
    """The custom element `<arkhiv-search>`."""
    return current_app.send_static_file("embed.js")


def _shared(response: Response) -> Response:
    if request.path == "/embed.js" or request.path.startswith(("/api/", "/static/")):
        response.vary.add("Origin")
        if request.origin in current_app.config["SETTINGS"].embed_origins:
            response.headers["Access-Control-Allow-Origin"] = request.origin
            response.headers["Access-Control-Expose-Headers"] = "ETag, Link, Retry-After, X-Request-ID"
            if request.method == "OPTIONS":  # asked before a request with such a header
                response.headers["Access-Control-Allow-Headers"] = "If-None-Match"
    return response
