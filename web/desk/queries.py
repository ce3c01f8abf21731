"""The queries of readers, with and without hits: logged where the settings say so, and shown to editors."""

import logging

from flask import Blueprint, abort, current_app

from search.model import SearchResult
from search.records.querylog import QueryLog
from web.desk.alerts import unreadable
from web.desk.editors import require_editor
from web.markup import render
from web.parameters import PageParameters

log = logging.getLogger("arkhiv")

blueprint = Blueprint("queries", __name__)
blueprint.register_error_handler(OSError, unreadable)


def record(result: SearchResult) -> None:
    """Log a query; a log that cannot be written keeps nobody from searching."""
    query_log = _log()
    if query_log is None or result.page > 1 or not result.text.strip():
        return
    try:
        query_log.record(result.text, result.total, result.correction.text if result.correction else "")
    except OSError as error:
        log.warning("queries are not kept in %s: %s", current_app.config["SETTINGS"].query_log, error.strerror)


@blueprint.get("/desk/queries")
def queries() -> str:
    """The most frequent queries, and the most frequent ones without hits."""
    if not current_app.config["SETTINGS"].editors_token:
        abort(404)
    require_editor()
    query_log = _log()
    summary = query_log.summary() if query_log else None
    return render("queries.html", parameters=PageParameters(), is_logged=query_log is not None, summary=summary)


def _log() -> QueryLog | None:
    """The log of the settings, None where there is none."""
    settings = current_app.config["SETTINGS"]
    return QueryLog(settings.query_log, settings.query_days) if settings.query_log else None
