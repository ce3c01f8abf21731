"""The reading side: pages for readers and an HTTP API over one archive. `create_app` puts it together."""

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
from web.address import ArticleIdConverter, YearConverter, asked_host
from web.api import feeds
from web.api import routes as api
from web.desk import editors, export, queries
from web.live import LOOK_EVERY, LiveArchive
from web.pages import compare
from web.pages import routes as pages
from web.serving import headers, logs, metrics, problem, proxy
from web.serving.throttle import Throttle
from web.sites import citing, embed, sitemap
from web.sites.closed import Closed

__all__ = ["create_app"]

log = logging.getLogger("arkhiv")


def create_app(
    settings: Settings | None = None,
    open_archive: Callable[[], Archive] | None = None,
    *,
    look_every: float = LOOK_EVERY,
    clock: Callable[[tzinfo], datetime] = datetime.now,
) -> Flask:
    """The service over the archive that `open_archive` opens, or the settings name; over none yet, it answers 503.

    Without `settings` they are those of the environment. It looks for a newer generation every so many seconds, and
    takes the newspaper's day from the clock.
    """
    settings = settings or load_settings(os.environ)
    app = Flask(__name__)
    app.config["SETTINGS"] = settings
    app.url_map.merge_slashes = False  # an article's id may hold any slashes
    app.url_map.converters["article_id"] = ArticleIdConverter
    app.url_map.converters["year"] = YearConverter
    app.extensions["arkhiv_closed"] = Closed(settings.noindex)
    throttle = app.extensions["arkhiv_throttle"] = Throttle()
    live = LiveArchive(open_archive or _opener(settings, throttle), look_every, clock)
    app.extensions["arkhiv"] = live
    logs.register(app)
    turned_away = metrics.register(app, live)
    app.wsgi_app = throttle.middleware(app.wsgi_app, turned_away)  # type: ignore[assignment, method-assign]
    proxy.register(app)
    app.before_request(answering_host)
    headers.register(app)
    problem.register(app)
    api.register(app)
    pages.register(app)
    editors.register(app)
    queries.register(app)
    export.register(app)
    compare.register(app)
    feeds.register(app)
    sitemap.register(app)
    citing.register(app)
    embed.register(app)
    try:
        archive = live.current()
        with blaming_damage(archive.engine):
            _warm_up(archive)
    except IndexUnavailable as error:
        log.warning("the service starts without an index that answers: %s", error)
    gc.collect()
    gc.freeze()  # what stays for good need not be looked through again and again: a fifth of a search's time
    return app


def _warm_up(archive: Archive) -> None:
    """Load the dictionary, so that no reader waits for it, and warn of what editors wrote that cannot be meant so."""
    archive.search("слово", per_page=1)
    for synonym in archive.broad_synonyms():
        log.warning("the synonym %s stands in half of the articles: its entry finds almost anything", synonym)
    for unknown in archive.unknown_pins():
        log.warning("the pinned article %r is not in the archive, and is not shown", unknown)


def answering_host() -> None:
    """Answer 400 where the request names a host that is none, or one that the settings do not trust."""
    asked_host()


def _opener(settings: Settings, throttle: Throttle) -> Callable[[], Archive]:
    analyzer = Analyzer()
    engine = open_engine(settings.index, settings, analyzer)
    return archives(engine, settings, analyzer, expensive=throttle.expensive)
