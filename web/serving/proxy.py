"""Proxies before the service, which say where readers are."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_PREFIX = re.compile(r"(?:/(?!\.{1,2}(?:/|$))[\w.~-]+)*", re.ASCII)


def register(app: Flask) -> None:
    """Trust as many proxies as the settings say, as to host, scheme, address and prefix."""
    if trusted := app.config["SETTINGS"].proxies:
        inner = ProxyFix(Mounted(app.wsgi_app), x_for=trusted, x_proto=1, x_host=1, x_prefix=1)
        app.wsgi_app = inner  # type: ignore[method-assign]  # as Flask's documentation has it


class Mounted:
    """Removes the proxy's prefix from the path. The proxy must pass the path on unchanged: one that changes it decodes
    it as well, and an id may hold any characters. Answers 400 to an invalid prefix or scheme."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app

    def __call__(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        prefix = environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "").rstrip("/")
        scheme = environ["wsgi.url_scheme"] = environ["wsgi.url_scheme"].lower()
        if not _PREFIX.fullmatch(prefix) or scheme not in {"http", "https"}:
            start("400 Bad Request", [("Content-Type", "text/plain; charset=utf-8")])
            return [b"the proxy says a prefix or a scheme that is none\n"]
        path = environ.get("PATH_INFO", "")
        if prefix and (path == prefix or path.startswith(f"{prefix}/")):
            environ["PATH_INFO"] = path[len(prefix) :] or "/"
        return self._app(environ, start)
