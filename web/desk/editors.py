"""The editors' part: who is one, and the desk."""

import hmac

from flask import Blueprint, current_app, g, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from search import Settings
from web.markup import render
from web.parameters import PageParameters

blueprint = Blueprint("editors", __name__)


def require_editor() -> None:
    """Answer 401 to whom does not show the token, where one is set: as a bearer's, or as the password of any name."""
    token = _settings().editors_token
    shown = request.authorization
    given = (shown.token or shown.get("password") or "") if shown else ""
    if token and not hmac.compare_digest(given.encode(), token.encode()):
        raise Unauthorized(www_authenticate=WWWAuthenticate("basic", {"realm": "Arkhiv", "charset": "UTF-8"}))
    g.private = True  # no cache may keep the answer


@blueprint.get("/desk")
def desk() -> str:
    """The articles that an editor collects; the browser keeps them."""
    require_editor()
    return render("desk.html", parameters=PageParameters())


def _settings() -> Settings:
    settings = current_app.config["SETTINGS"]
    assert isinstance(settings, Settings)
    return settings
