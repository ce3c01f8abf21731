"""How gunicorn serves `web.wsgi:app`: read when it is started in this folder; its command line goes before.

It imports nothing of the service: what the first process has loaded, a HUP does not load again.
"""

import os
import re
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from selectors import EVENT_READ

from gunicorn.workers.gthread import TConn, ThreadWorker

# Not to the world: a proxy that speaks TLS stands before it.
bind = "127.0.0.1:8000"

# A process per core that is to answer. All of them read the index through the same pages of memory.
workers = int(os.environ.get("WEB_CONCURRENCY") or 1)

# Threads answer requests, or wait to: few work together, see `web.serving.throttle`. Who has not sent a whole request
# holds none: see `Worker`. Who reads slowly does.
threads = 100

# Connections of a process that have not sent a whole request, and as many that are kept for another one. Where there
# are more, the oldest of the former is closed, and none is kept any longer.
WAITING = 500
worker_connections = 4 * WAITING

# Seconds: nginx keeps a connection for 60, and none is to be closed from here while a request is on its way.
keepalive = 75

# Seconds in which a whole request has to come, and in which a client has to take an answer, or a chunk of a download.
TO_SEND, TO_TAKE = 10.0, 60.0

# A Cyrillic letter has six characters in an address, so that a query of 1,000 has 6,000; gunicorn's default is 4,094.
limit_request_line = 8190

# Bytes of the head of a request, where the address may stand once more as the referrer, and of its body: what editors
# send has `web.LONGEST_FORM` at most.
LARGEST_HEAD, LARGEST_BODY = 32_768, 100_000

# Every worker loads the code itself, so that a HUP is enough for a new release of it.
preload_app = False

# Newer releases open a socket for gunicornc in the home directory, which a service may not have.
control_socket_disable = True

# Answers to what the app never sees: heading and text.
REFUSALS = {
    "411 Length Required": ("Длина не указана", "Запросу с содержимым нужен заголовок Content-Length."),
    "413 Content Too Large": ("Слишком много данных", "Форма не может быть длиннее 100 000 байт: сократите текст."),
    "414 URI Too Long": ("Адрес слишком длинный", "Сократите запрос: поиск учитывает первые 1000 знаков."),
    "431 Request Header Fields Too Large": ("Слишком длинные заголовки", "Удалите файлы cookie этого сайта."),
}
PAGE = """<!doctype html>
<html lang="ru"><head><meta charset="utf-8"><title>{heading}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<link rel="stylesheet" href="/static/arkhiv.css"></head>
<body><main class="message"><h1>{heading}</h1><p>{text}</p><p><a href="/">К поиску</a></p></main></body></html>
"""
LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,12})[ \t]*(?:\r\n|$)", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding[ \t]*:", re.IGNORECASE)
EXPECT = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*(?=\r\n|$)", re.IGNORECASE)
# Answered by threads of their own, whatever holds the others.
PROMPT = re.compile(rb"(?:GET|HEAD) /(?:healthz|readyz|metrics) ")


class Client(TConn):
    """A connection, and the bytes that are here of its next request. One that `is_over` has its last answer, and waits
    for the client to close it: closed before everything is read, it would be reset, and the answer with it."""

    def __init__(self, *args):
        super().__init__(*args)
        self.sent, self.is_over, self.data_ready = bytearray(), False, True

    def init(self):
        """Give the parser what is here. The thread that answers calls it for every request."""
        super().init()
        self.sock.settimeout(TO_TAKE)
        self.parser.unreader.unread(bytes(self.sent))
        self.sent.clear()

    def verdict(self):
        """None while the request is not here as a whole, empty when it is, or the status with which it is refused."""
        end = self.sent.find(b"\r\n\r\n")
        head = self.sent[: LARGEST_HEAD + 1] if end < 0 else self.sent[:end]
        if len(head.partition(b"\r\n")[0]) > limit_request_line:
            return "414 URI Too Long"
        if len(head) > LARGEST_HEAD:
            return "431 Request Header Fields Too Large"
        if end < 0:
            return None
        if CHUNKED.search(head):
            return "411 Length Required"
        length = LENGTH.search(head)
        to_come = int(length[1]) if length else 0
        if to_come > LARGEST_BODY:
            return "413 Content Too Large"
        return "" if len(self.sent) >= end + 4 + to_come else None

    def invite(self):
        """Ask a client for the body that it holds back until then."""
        head, end, body = self.sent.partition(b"\r\n\r\n")
        if end and EXPECT.search(head) and b" HTTP/1.1\r\n" in head + end:
            self.sent[:] = EXPECT.sub(b"", head) + end + body  # once, and not by the parser again
            with suppress(OSError):  # it may have gone
                self.sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")


class Worker(ThreadWorker):
    """A thread worker whose threads wait for no request: the event loop reads it, and hands it over when it is whole.
    As it is made of the inside of gunicorn's, `pyproject.toml` names the releases that it fits."""

    def init_process(self):
        assert not self.cfg.is_ssl, "only plain HTTP is served: let a proxy speak TLS"
        sys.setswitchinterval(0.0005)  # the event loop waits for the interpreter behind all threads that compute
        self.max_keepalived = WAITING
        self.prompt = ThreadPoolExecutor(2)
        super().init_process()

    def accept(self, listener):
        try:
            sock, address = listener.accept()
        except OSError:  # another process was faster, the client has gone, or no more files can be open
            self.make_room(0)
            return
        self.nr_conns += 1
        self.wait(Client(self.cfg, sock, address, listener.getsockname()))
        self.make_room(WAITING)

    def set_accept_enabled(self, enabled):
        super().set_accept_enabled(enabled)
        if not self.alive:  # where no other process listens, who comes now is refused, and does not wait in vain
            for listener in self.sockets:
                listener.close()

    def make_room(self, most):
        """Close the connection that has waited longest, where more than so many wait."""
        if len(self.pending_conns) > most:
            self.forget(self.pending_conns[0])

    def wait(self, conn):
        """Read what the client sends."""
        conn.sock.settimeout(0)
        conn.timeout = time.monotonic() + TO_SEND
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.receive, conn))

    def leave(self, conn):
        """Read no more of what the client sends."""
        self.poller.unregister(conn.sock)
        self.pending_conns.remove(conn)

    def forget(self, conn):
        self.leave(conn)
        self.nr_conns -= 1
        conn.close()

    def receive(self, conn, sock):
        """Read what is here."""
        if sock.fileno() < 0:  # closed in the same round of the loop, to make room
            return
        part = b""
        with suppress(OSError):  # reset by the client
            part = sock.recv(65_536)
        if not part:
            self.forget(conn)
        elif not conn.is_over:
            self.take(conn, part)

    def take(self, conn, part):
        """Answer the request, if this part makes it whole."""
        conn.sent += part
        verdict = conn.verdict()
        if verdict is None:
            conn.invite()
            return
        self.leave(conn)
        if not verdict:
            self.enqueue_req(conn)
            return
        heading, text = REFUSALS[verdict]
        page = PAGE.format(heading=heading, text=text).encode()
        head = f"HTTP/1.1 {verdict}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(page)}\r\n"
        with suppress(OSError):  # whoever sent it may have gone
            conn.sock.sendall(f"{head}Connection: close\r\n\r\n".encode() + page)
        self.end(conn)

    def end(self, conn):
        conn.is_over = True
        with suppress(OSError):  # it may be closed already
            conn.sock.shutdown(socket.SHUT_WR)
        self.wait(conn)

    def enqueue_req(self, conn):
        answered = (self.prompt if PROMPT.match(conn.sent) else self.tpool).submit(self.handle, conn)
        answered.add_done_callback(lambda done: self.method_queue.defer(self.finish_request, conn, done))

    def handle_request(self, req, conn):
        try:
            return super().handle_request(req, conn)
        except TimeoutError:  # the client does not take the answer
            return False

    def finish_request(self, conn, fs):
        if fs.exception() or not fs.result():
            self.end(conn)
        elif following := conn.parser.unreader.take_buffered():
            self.wait(conn)
            self.take(conn, following)
        else:
            super().finish_request(conn, fs)

    def on_client_socket_readable(self, conn, client):
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self.wait(conn)


worker_class = Worker
