"""The service: pages for readers and an HTTP API over one archive. `create_app` puts it together."""

import gc
import logging
import os
from collections.abc import Callable
from datetime import datetime, tzinfo

from flask import Flask

from search import Archive, IndexUnavailable, Settings, load_settings
from search.analysis import Analyzer
from search.archive import archives
from search.engines import open_engine
from search.engines.generation import blaming_damage
from web.address import ArticleIdConverter, YearConverter, request_host
from web.api import feeds
from web.api import routes as api
from web.desk import alerts, editors, export, queries
from web.live import LOOK_EVERY, LiveArchive
from web.pages import compare
from web.pages import routes as pages
from web.serving import compression, headers, logs, metrics, problem, proxy, static
from web.serving.throttle import Throttle
from web.sites import citing, embed, sitemap
from web.sites.closed import Closed

__all__ = ["create_app"]

log = logging.getLogger("arkhiv")

# Outermost first. Flask calls the handlers of a response from the last registered to the first: so the log and the
# metrics come last, and see what the others have made of it; the tag of a page comes before its compression.
LAYERS = (logs, metrics, compression, static, headers, embed)
# Bytes of what editors send.
LONGEST_FORM = 100_000
# Of a list of ids, at the start.
MOST_LOOKED_UP = 100

PARTS = (problem, api, pages, editors, queries, alerts, export, compare, feeds, sitemap, citing)


def create_app(
    settings: Settings | None = None,
    open_archive: Callable[[], Archive] | None = None,
    *,
    look_every: float = LOOK_EVERY,
    clock: Callable[[tzinfo], datetime] = datetime.now,
) -> Flask:
    """The service over the archive that `open_archive` opens, else the one of the settings; without one it answers 503.

    Without `settings` they are those of the environment. It checks for a newer generation every `look_every` seconds;
    `clock` gives the time at the newspaper.
    """
    settings = settings or load_settings(os.environ)
    throttle = Throttle()
    if open_archive is None:
        analyzer = Analyzer()
        engine = open_engine(settings.index, settings, analyzer)
        open_archive = archives(engine, settings, analyzer, expensive=throttle.expensive)
    live = LiveArchive(open_archive, look_every, clock)
    app = Flask(__name__)
    app.config["SETTINGS"] = settings
    closed = Closed(settings.noindex)
    app.extensions |= {"arkhiv": live, "arkhiv_closed": closed, "arkhiv_throttle": throttle}
    app.config["MAX_CONTENT_LENGTH"] = LONGEST_FORM
    app.url_map.merge_slashes = False  # an article's id may hold any slashes
    app.url_map.converters |= {"article_id": ArticleIdConverter, "year": YearConverter}
    app.before_request(check_host)
    for layer in LAYERS:
        layer.register(app)
    for part in PARTS:
        app.register_blueprint(part.blueprint)
    # WSGI middleware: the proxies' is the outer one, so that the throttle sees the path without the prefix.
    turned_away = app.extensions["arkhiv_turned_away"]
    busy = problem.busy(settings.site_name)
    app.wsgi_app = throttle.middleware(app.wsgi_app, turned_away, busy)  # type: ignore[assignment, method-assign]  # as Flask has it
    proxy.register(app)
    try:
        archive = live.current()
        with blaming_damage(archive.engine):
            _warm_up(archive, closed)
    except IndexUnavailable as error:
        log.warning("the service starts without an index that answers: %s", error)
    gc.collect()
    gc.freeze()  # objects that stay for good are not scanned again and again: a fifth of a search's time
    return app


def _warm_up(archive: Archive, closed: Closed) -> None:
    """Load the dictionary, so that no reader waits for it, and warn of mistakes in the editors' files."""
    archive.search("слово", per_page=1)
    for synonym in archive.broad_synonyms():
        log.warning("the synonym %s stands in half of the articles: its entry finds almost anything", synonym)
    for unknown in archive.unknown(archive.pins.every() if archive.pins else ()):
        log.warning("the pinned article %r is not in the archive, and is not shown", unknown)
    for unknown in archive.unknown(sorted(closed.listed())[:MOST_LOOKED_UP]):
        log.warning("noindex: %r is the id of no published article, and closes nothing by now", unknown)


def check_host() -> None:
    """Answer 400 where the request names a host that is invalid, or that the settings do not trust."""
    request_host()
