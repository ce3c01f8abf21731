"""The editors' part: who is one, the desk, and what readers ask in vain."""

from __future__ import annotations

import hmac
import logging

from flask import Blueprint, Flask, abort, current_app, g, render_template, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from search import Settings
from search.model import SearchResult
from search.querylog import QueryLog
from web.parameters import PageParameters

__all__ = ["note", "register", "require_editor"]

log = logging.getLogger("arkhiv")

blueprint = Blueprint("editors", __name__)


def register(app: Flask) -> None:
    """Add the pages to the app."""
    app.register_blueprint(blueprint)


def require_editor() -> None:
    """Answer 401 to whom does not show the token, where one is set: as a bearer's, or as the password of any name."""
    token = _settings().editors_token
    shown = request.authorization
    given = (shown.token or shown.get("password") or "") if shown else ""
    if token and not hmac.compare_digest(given.encode(), token.encode()):
        raise Unauthorized(www_authenticate=WWWAuthenticate("basic", {"realm": "Arkhiv", "charset": "UTF-8"}))
    g.private = True  # no cache may keep the answer


def note(result: SearchResult) -> None:
    """Keep what was asked, where a log is wanted; a log that cannot be written keeps nobody from searching."""
    settings = _settings()
    if not settings.query_log or result.page > 1 or not result.text.strip():
        return
    try:
        corrected = result.correction.text if result.correction else ""
        QueryLog(settings.query_log, settings.query_days).record(result.text, result.total, corrected)
    except OSError as error:
        log.warning("queries are not kept in %s: %s", settings.query_log, error.strerror)


@blueprint.get("/desk")
def desk() -> str:
    """The articles that an editor collects; the browser keeps them."""
    require_editor()
    return render_template("desk.html", parameters=PageParameters())


@blueprint.get("/desk/queries")
def queries() -> str:
    """What readers ask most, and what they ask in vain."""
    settings = _settings()
    if not settings.editors_token:
        abort(404)
    require_editor()
    kept = QueryLog(settings.query_log, settings.query_days) if settings.query_log else None
    return render_template(
        "queries.html",
        parameters=PageParameters(),
        kept=kept is not None,
        asked=kept.asked() if kept else [],
        in_vain=kept.asked(in_vain=True) if kept else [],
    )


def _settings() -> Settings:
    found = current_app.config["SETTINGS"]
    assert isinstance(found, Settings)
    return found
