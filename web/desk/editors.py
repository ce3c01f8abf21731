"""Who is an editor, and the editors' page of collected articles."""

import hmac

from flask import Blueprint, current_app, g, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from web.markup import render
from web.parameters import PageParameters

blueprint = Blueprint("editors", __name__)


def require_editor() -> None:
    """Answer 401 to a request without the token, where one is set: as a bearer's, or as the password of any name."""
    token: str = current_app.config["SETTINGS"].editors_token
    try:
        authorization = request.authorization
    except ValueError:  # what Werkzeug takes for base64 has other letters than ASCII
        authorization = None
    bearer = authorization and authorization.token  # its bytes, as Latin letters
    given = bearer.encode("latin-1") if bearer else ((authorization and authorization.get("password")) or "").encode()
    if token and not hmac.compare_digest(given, token.encode()):
        raise Unauthorized(www_authenticate=WWWAuthenticate("basic", {"realm": "Arkhiv", "charset": "UTF-8"}))
    g.private = True  # no cache may keep the answer


@blueprint.get("/desk")
def desk() -> str:
    """The articles that an editor collects; the browser keeps them."""
    require_editor()
    return render("desk.html", parameters=PageParameters())
