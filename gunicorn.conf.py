"""How gunicorn serves `web.wsgi:app`: read when it is started in this folder; its command line goes before.

It imports nothing of the service: what the first process has loaded, a HUP does not load again.
"""

import os
from contextlib import suppress

from gunicorn.http.errors import LimitRequestLine
from gunicorn.workers.gthread import ThreadWorker

# Not to the world: a proxy that speaks TLS stands before it.
bind = "127.0.0.1:8000"

# A process per core that is to answer. All of them read the index through the same pages of memory.
workers = int(os.environ.get("WEB_CONCURRENCY") or 1)

# A client that sends half a request, or reads slowly, holds a thread. Few work together: see `web.serving.throttle`.
threads = 100

# A Cyrillic letter has six characters in an address, so that a query of 1,000 has 6,000; gunicorn's default is 4,094.
limit_request_line = 8190

# Every worker loads the code itself, so that a HUP is enough for a new release of it.
preload_app = False

# Newer releases open a socket for gunicornc in the home directory, which a service may not have.
control_socket_disable = True

TOO_LONG = """<!doctype html>
<html lang="ru">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Адрес слишком длинный</title>
<link rel="stylesheet" href="/static/arkhiv.css">
</head>
<body>
<main class="message"><h1>Адрес слишком длинный</h1><p>Сократите запрос: поиск учитывает первые 1000 знаков.</p>
<p><a href="/">К поиску</a></p></main>
</body>
</html>
""".encode()


class Worker(ThreadWorker):
    """Tells a reader of an address that is too long in the service's own words: its app never sees that request."""

    def handle_error(self, req, client, addr, exc):
        if not isinstance(exc, LimitRequestLine):
            super().handle_error(req, client, addr, exc)
            return
        head = f"HTTP/1.1 414 URI Too Long\r\nContent-Length: {len(TOO_LONG)}\r\nConnection: close\r\n"
        with suppress(OSError):  # whoever asked may have gone
            client.sendall(f"{head}Content-Type: text/html; charset=utf-8\r\n\r\n".encode() + TOO_LONG)


worker_class = Worker
