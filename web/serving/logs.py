"""The log of the service and of its requests: lines for people, or one JSON object a line."""

import json
import logging
import re
import time
import uuid
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, g, has_request_context, request

from web.serving.throttle import CAME

log = logging.getLogger("arkhiv.requests")

ID_HEADER = "X-Request-ID"
_ID = re.compile(r"[\w.:=+/-]{1,128}", re.ASCII)
# Fields of the lines about requests.
_OF_REQUESTS = ("method", "route", "status", "ms", "bytes")


class JsonFormatter(logging.Formatter):
    """One JSON object a line: `time`, `level`, `logger`, `message`; within a request its `request_id`; for an error the
    `exception`. No address and no query: what readers ask is theirs."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if has_request_context():
            line["request_id"] = request_id()
        line |= {name: getattr(record, name) for name in _OF_REQUESTS if hasattr(record, name)}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=True)


def register(app: Flask) -> None:
    """Give every request an id, and a line where the log is JSON."""
    as_json = app.config["SETTINGS"].log == "json"
    if as_json:
        for name in ("arkhiv", "gunicorn.error", app.name):
            logger = logging.getLogger(name)
            handler = logging.StreamHandler()
            handler.setFormatter(JsonFormatter())
            logger.handlers = [handler]
            logger.propagate = False
            logger.setLevel(min(logger.level or logging.INFO, logging.INFO))

    def answered(response: Response) -> Response:
        response.headers[ID_HEADER] = request_id()
        if as_json:
            route = request.url_rule.rule if request.url_rule else "none"
            taken = round((time.perf_counter() - request.environ[CAME]) * 1000, 1)
            fields = {"method": request.method, "route": route, "status": response.status_code, "ms": taken}
            log.info("answered", extra=fields | {"bytes": response.content_length})
        return response

    app.after_request(answered)


def request_id() -> str:
    """The id of the request: the proxy's where it is fit for a line, else a new one."""
    if "request_id" not in g:
        given = request.headers.get(ID_HEADER, "")
        g.request_id = given if _ID.fullmatch(given) else uuid.uuid4().hex
    current: str = g.request_id
    return current
