"""What the service counts, for Prometheus; across processes where PROMETHEUS_MULTIPROC_DIR is set."""

import os
import time
from collections.abc import Iterator
from functools import partial

from flask import Flask, Response, current_app, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from search import IndexUnavailable, Settings
from search.engines import loops
from search.records.alerts import matters
from search.records.runs import kept_runs
from web.live import LiveArchive
from web.serving.throttle import CAME

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


def register(app: Flask) -> None:
    """Count the app's requests by route and status, and time them by route. The extension `arkhiv_turned_away` counts a
    request that was turned away before it came to the app."""
    counted = CollectorRegistry()
    requests = Counter("arkhiv_http_requests", "Answered requests.", ["route", "status"], registry=counted)
    seconds = Histogram("arkhiv_http_seconds", "Time to answer.", ["route"], registry=counted, buckets=BUCKETS)

    def answered(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "none"
        requests.labels(route, str(response.status_code)).inc()
        seconds.labels(route).observe(time.perf_counter() - request.environ[CAME])
        return response

    app.after_request(answered)
    registry = counted
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library has no types
    registry.register(_Generation(app.extensions["arkhiv"], app.config["SETTINGS"].index))
    registry.register(_Runs(app.config["SETTINGS"]))
    app.extensions["arkhiv_metrics"] = registry
    app.extensions["arkhiv_turned_away"] = requests.labels("none", "503").inc


def exposition() -> Response:
    """What was counted, in the Prometheus text format."""
    return Response(generate_latest(current_app.extensions["arkhiv_metrics"]), content_type=CONTENT_TYPE_PLAIN_0_0_4)


class _Generation(Collector):
    """The current generation, read for each exposition."""

    def __init__(self, live: LiveArchive, index: str) -> None:
        self._live = live
        self._loops = loops()[0] if index.startswith("whoosh:") else ""

    def collect(self) -> Iterator[Metric]:
        try:
            info = self._live.current().info()
        except IndexUnavailable:
            yield GaugeMetricFamily("arkhiv_index_up", "Whether an index is open.", value=0)
            return
        stuck = bool(self._live.stuck)
        yield GaugeMetricFamily("arkhiv_index_stuck", "Whether what is published cannot be opened.", value=stuck)
        yield GaugeMetricFamily("arkhiv_index_up", "Whether an index is open.", value=1)
        name = GaugeMetricFamily("arkhiv_index_info", "The generation that answers.", labels=["generation"])
        name.add_metric([info.generation], 1)
        yield name
        if self._loops:
            running = GaugeMetricFamily("arkhiv_loops_info", "Which loops search columns.", labels=["loops"])
            running.add_metric([self._loops], 1)
            yield running
        yield GaugeMetricFamily("arkhiv_index_articles", "Articles in it.", value=info.articles)
        yield GaugeMetricFamily("arkhiv_index_bytes", "Its size.", value=info.size)
        built = info.built_at.timestamp()
        yield GaugeMetricFamily("arkhiv_index_built_timestamp_seconds", "When it was built.", value=built)


class _Runs(Collector):
    """The indexer's runs by command, read for each exposition; nothing where none can be read."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def collect(self) -> Iterator[Metric]:
        began = _by_command(
            "arkhiv_run_timestamp_seconds",
            "When the last run of a command of the indexer, or the last telling of alerts, began.",
        )
        failed = _by_command("arkhiv_run_failed", "Whether it failed.")
        done = _by_command("arkhiv_run_success_timestamp_seconds", "When the last one that did not fail began.")
        runs = [run for run in kept_runs(self._settings.index) if matters(run, self._settings)]
        for run in {run.command: run for run in runs}.values():
            began.add_metric([run.command], run.when.timestamp())
            failed.add_metric([run.command], int(bool(run.error)))
        for run in {run.command: run for run in runs if not run.error}.values():
            done.add_metric([run.command], run.when.timestamp())
        yield from (metric for metric in (began, failed, done) if metric.samples)


_by_command = partial(GaugeMetricFamily, labels=["command"])
