"""What an operator installs: the units, the proxy's site, the rules, started as they are."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from html.parser import HTMLParser
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from pathlib import Path
from urllib.parse import quote, urljoin, urlsplit
from xml.etree import ElementTree

import pytest

from search import Settings
from tests.door import Door
from web import create_app
from web.serving.throttle import DOWNLOADS, IDLE_WAIT, LONGEST_WAIT, RETRY_AFTER, SLOTS

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
CONFIG = ROOT / "gunicorn.conf.py"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
ODD_IDS = ["жаңа-мақала", "a/b", "/a", "a//b", "//", "..", "a%2Fb", "с пробелом", "?q=1#x", "100%"]

needs_nginx = pytest.mark.skipif(not (NGINX and shutil.which("openssl")), reason="no nginx and openssl on this machine")


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


def answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


@contextmanager
def running(command: list[str], port: int, **environ: str) -> Iterator[subprocess.Popen[bytes]]:
    """A server that listens on the port; its standard error is kept in `errors` in its working directory."""
    folder = Path(environ["PWD"])
    with (folder / "errors").open("wb") as errors:
        process = subprocess.Popen(command, env={**os.environ, **environ}, cwd=folder, stdout=errors, stderr=errors)
        try:
            until = time.monotonic() + 30
            while not answers(port):
                assert process.poll() is None, (folder / "errors").read_text("utf-8")
                assert time.monotonic() < until, "it does not listen"
                time.sleep(0.05)
            yield process
        finally:
            process.terminate()
            process.wait(20)


def service(door: Door, port: int, gunicorn: Path = CONFIG, **settings: str) -> tuple[list[str], dict[str, str]]:
    """The command of the unit, and its environment."""
    told = {"index": f'"{door.index}"', **settings}
    config = door.write("arkhiv.toml", "".join(f"{name} = {value}\n" for name, value in told.items()))
    unit = (DEPLOY / "arkhiv.service").read_text("utf-8")
    started = re.search(r"^ExecStart=/opt/arkhiv/bin/(.+)$", unit, re.MULTILINE)
    assert started
    arguments = started[1].replace("/opt/arkhiv/share/arkhiv/gunicorn.conf.py", str(gunicorn)).split()
    arguments[1:1] = ["--bind", f"127.0.0.1:{port}"]
    environ = {"ARKHIV_CONFIG": str(config), "PYTHONPATH": str(ROOT), "PWD": str(door.folder), "WEB_CONCURRENCY": "1"}
    return [sys.executable, "-m", *arguments], environ


@contextmanager
def serving(door: Door, gunicorn: Path = CONFIG, **settings: str) -> Iterator[int]:
    """gunicorn as the unit starts it, when it answers; its port."""
    port = free_port()
    command, environ = service(door, port, gunicorn, **settings)
    with running(command, port, **environ):
        until = time.monotonic() + 30
        while direct(port, "/healthz")[0] != 200:
            assert time.monotonic() < until
        yield port


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Door:
    door = Door(tmp_path_factory.mktemp("deploy"))
    records = [json.loads(line) for line in (ROOT / "indexer" / "sample.jsonl").read_text("utf-8").splitlines()]
    for record in records:
        record.pop("url", None)  # at home here, so that sitemaps and feeds lead here
    records += [
        {"id": odd, "title": f"Особый номер {odd}", "text": "Ключ.", "published": "2024-05-17"} for odd in ODD_IDS
    ]
    door.take_in(door.write("all.jsonl", "".join(json.dumps(record) + "\n" for record in records)))
    return door


@dataclass
class Site:
    """What readers see: the origin, the prefix, and who to believe that it is it."""

    origin: str
    prefix: str
    trusted: ssl.SSLContext

    def get(self, target: str, **headers: str) -> tuple[HTTPResponse, bytes]:
        """The answer to a request line with this very target."""
        parts = urlsplit(self.origin)
        connection = HTTPSConnection(parts.hostname or "", parts.port, context=self.trusted, timeout=10)
        with closing(connection):
            connection.request("GET", target, headers=headers)
            answer = connection.getresponse()
            return answer, answer.read()


@pytest.fixture(scope="module", params=["", "/archive"])
def site(door: Door, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The service behind Debian's nginx with the site of deploy/, over HTTPS; at the root, and under a prefix."""
    assert NGINX
    folder, port = tmp_path_factory.mktemp("nginx"), free_port()
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    keys = ["-newkey", "rsa:2048", "-nodes", "-keyout", str(folder / "key"), "-out", str(folder / "cert")]
    subprocess.run(["openssl", "req", "-x509", "-days", "1", *keys, *subject], check=True, capture_output=True)
    with serving(door, proxies="1", log='"json"') as behind:
        told = (DEPLOY / "nginx.conf").read_text("utf-8")
        if request.param:
            under = re.search(r"^# Under a path.*?\n#\n(.*)", told, re.MULTILINE | re.DOTALL)
            assert under
            locations = re.sub(r"^# ?", "", under[1], flags=re.MULTILINE)
            told = re.sub(
                r"    location / \{.*?\n    \}\n    location = /metrics \{.*?\n    \}\n", "", told, flags=re.DOTALL
            )
            told = told.replace("    merge_slashes off;\n", locations, 1)
        changes = {
            "127.0.0.1:8000": f"127.0.0.1:{behind}", "listen 80;": f"listen 127.0.0.1:{free_port()};",
            "listen 443 ssl http2;": f"listen 127.0.0.1:{port} ssl http2;", "    listen [::]:80;\n": "",
            "    listen [::]:443 ssl http2;\n": "", "archive.gazeta.example;": "localhost;",
            "/etc/ssl/certs/archive.gazeta.example.pem": f"{folder}/cert",
            "/etc/ssl/private/archive.gazeta.example.key": f"{folder}/key",
            "/etc/nginx/arkhiv-proxy.conf": f"{DEPLOY}/arkhiv-proxy.conf",
        }  # fmt: skip
        for old, new in changes.items():
            assert old in told, old
            told = told.replace(old, new)
        logs = f"pid {folder}/pid; error_log {folder}/error.log; events {{}} http {{ access_log off;\n"
        temporary = "".join(
            f"{name}_temp_path {folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (folder / "nginx.conf").write_text(f"{logs}{temporary}{told}\n}}\n", "utf-8")
        command = [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", "daemon off;"]
        with running(command, port, PWD=str(folder)):
            trusted = ssl.create_default_context(cafile=str(folder / "cert"))
            yield Site(f"https://localhost:{port}", request.param, trusted)


class Links(HTMLParser):
    """The addresses that a page leads to, and what it is made of."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in {"href", "src", "action"} and value]


def addresses(answer: HTTPResponse, body: bytes) -> list[str]:
    """Every address that an answer names."""
    kind = answer.headers["Content-Type"].partition(";")[0]
    text = body.decode()
    if kind == "text/html":
        return Links(text).found
    if kind.endswith("xml"):
        told = ElementTree.fromstring(text)
        return [
            value
            for element in told.iter()
            for value in (element.get("href"), element.get("template"), element.text)
            if value and "://" in value and "www.w3.org" not in value and "{" not in value
        ]
    if kind in {"application/feed+json", "application/json"}:
        return re.findall(r'"(https?://(?!jsonfeed\.org/)[^"]+)"', text)
    return re.findall(r'https?://[^",\s]+', text) if kind == "text/csv" else []


@needs_nginx
def test_every_link_of_thirty_pages_leads_somewhere(site: Site) -> None:
    begin = [f"{site.prefix}/", f"{site.prefix}/?q=министр", f"{site.prefix}/archive", f"{site.prefix}/sitemap.xml"]
    begin += [
        f"{site.prefix}/{name}?q=министр" for name in ("feed.atom", "feed.json", "export.csv", "api/search", "compare")
    ]
    waiting = [urljoin(site.origin, quote(path, safe="/?=&")) for path in begin]
    seen: dict[str, int] = {}
    pages = 0
    while waiting and pages < 60:
        address = waiting.pop(0).partition("#")[0]
        if address in seen:
            continue
        answer, body = site.get(address.removeprefix(site.origin))
        seen[address] = answer.status
        pages += 1
        here = [urljoin(address, each) for each in addresses(answer, body)]
        for each in here:
            assert each.startswith(f"{site.origin}{site.prefix}/"), f"{address} leads to {each}"
        waiting += here
    assert {address: status for address, status in seen.items() if status != 200} == {}
    assert pages == 60


@needs_nginx
@pytest.mark.parametrize("odd", ODD_IDS)
def test_an_id_of_any_letters_has_a_page(site: Site, odd: str) -> None:
    answer, body = site.get(f"{site.prefix}/api/search?q={quote(f'Особый номер {odd}')}&per_page=100")
    (hit,) = (hit for hit in json.loads(body)["hits"] if hit["id"] == odd)
    answer, body = site.get(hit["url"].removeprefix(site.origin))
    assert answer.status == 200
    assert "Особый номер" in body.decode()
    if odd not in {"..", "/a", "//", "a//b", "a/b"}:
        return
    answer, body = site.get(f"{site.prefix}/article/{quote(odd, safe='')}")
    assert (answer.status, "Особый номер" in body.decode()) == (200, True), "every slash may be escaped"


@needs_nginx
def test_what_clients_say_of_themselves_is_not_believed(site: Site) -> None:
    hostile = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "javascript",
        "X-Forwarded-Prefix": "//evil.example",
    }
    answer, body = site.get(f"{site.prefix}/feed.json?q=министр".replace("министр", quote("министр")), **hostile)
    assert answer.status == 200
    assert b"evil" not in body
    assert site.origin.encode() in body


@needs_nginx
def test_what_goes_through_the_proxy_is_compressed_once(site: Site) -> None:
    style = next(url for url in Links(site.get(f"{site.prefix}/")[1].decode()).found if "arkhiv.css" in url)
    for path in (f"{site.prefix}/", f"{site.prefix}/feed.json", f"{site.prefix}/export.csv", style):
        _, plain = site.get(path)
        answer, packed = site.get(path, **{"Accept-Encoding": "gzip"})
        assert answer.headers.get_all("Content-Encoding") == ["gzip"], path
        assert ",".join(answer.headers.get_all("Vary") or ()).count("Accept-Encoding") == 1
        assert gzip.decompress(packed)[:1000] == plain[:1000]
        if tag := answer.headers["ETag"]:
            assert site.get(path, **{"Accept-Encoding": "gzip", "If-None-Match": tag})[0].status == 304


@needs_nginx
def test_raw_letters_in_an_address_are_explained(site: Site) -> None:
    parts = urlsplit(site.origin)
    asked = f"GET {site.prefix}/?q=визит HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    told = b""
    with (
        socket.create_connection(("127.0.0.1", parts.port or 0), timeout=10) as plain,
        site.trusted.wrap_socket(plain, server_hostname="localhost") as secure,
    ):
        secure.sendall(asked.encode())
        while piece := secure.recv(65536):
            told += piece
    assert told.startswith(b"HTTP/1.1 400")
    assert b"--data-urlencode" in told


@needs_nginx
def test_a_request_has_one_id_from_the_proxy_to_the_log(site: Site, door: Door) -> None:
    answer, _ = site.get(f"{site.prefix}/api/search?q=x")
    given = answer.headers["X-Request-ID"]
    assert re.fullmatch("[0-9a-f]{32}", given), "nginx gives it"
    time.sleep(0.2)
    lines = [json.loads(line) for line in (door.folder / "errors").read_text("utf-8").splitlines() if line[0] == "{"]
    (line,) = [line for line in lines if line.get("request_id") == given]
    assert (line["method"], line["route"], line["status"]) == ("GET", "/api/search", 200)
    assert line["ms"] > 0
    assert "q=x" not in json.dumps(line)


def direct(port: int, target: str, **headers: str) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    with closing(connection):
        connection.request("GET", target, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def test_a_service_in_the_cyrillic_zone_has_plain_letters_in_its_headers(door: Door) -> None:
    settings = {"site_name": '"Степной вестник"', "site_url": '"https://архив.газета.рф"', "editors_token": '"секрет"',
                "trusted_hosts": '["127.0.0.1"]', "image_hosts": '["фото.газета.рф"]',
                "embed_origins": '["https://газета.рф"]'}  # fmt: skip
    headers: dict[str, str] = {}
    with serving(door, **settings) as port:
        for path, status in {
            "/": 200, "/api/search?per_page=1": 200, "/api/suggest?q=м": 200, "/export.csv?q=министр": 200,
            "/desk": 401, "/?q=министр&year=": 302, "/?within=министр&q=визит": 302, "/article/жаңа-мақала": 200,
            "/cite/bib/жаңа-мақала": 200, "/нет": 404, "/feed.atom?q=министр": 200,
        }.items():  # fmt: skip
            with closing(HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
                origin = {"Origin": "https://xn--80aahjj1e.xn--p1ai"}
                connection.request("GET", quote(path, safe="/?=&"), headers=origin)
                answer = connection.getresponse()
            assert answer.status == status, path
            for name, value in answer.getheaders():
                assert value.isascii(), (path, name)
                headers[name] = value if value else headers.get(name, "")
            if path.startswith("/api/search"):
                assert "<https://xn--80aer5aza.xn--80aahjj1e.xn--p1ai/api/search?" in (answer.headers["Link"] or "")
            if path.startswith("/api/suggest"):
                assert answer.headers["Access-Control-Allow-Origin"] == origin["Origin"]
    assert "xn--n1aalg.xn--80aahjj1e.xn--p1ai" in headers["Content-Security-Policy"]


def test_a_proxy_may_say_nothing_two_things_or_nonsense(door: Door) -> None:
    with serving(door, proxies="1") as port:
        assert "http://127.0.0.1" in direct(port, "/feed.json")[1], "nothing"
        two = {"X-Forwarded-Host": "evil.example, gazeta.example", "X-Forwarded-Proto": "http, https"}
        told = direct(port, "/feed.json", **two)[1]
        assert "https://gazeta.example/feed.json" in told, "the last is the proxy's own"
        assert "evil" not in told
        for name, value in (
            ("X-Forwarded-Prefix", "//evil.example"), ("X-Forwarded-Prefix", "/a\\b"), ("X-Forwarded-Prefix", "x"),
            ("X-Forwarded-Prefix", "/a/../b"),
            ("X-Forwarded-Proto", "javascript"), ("X-Forwarded-Host", "a b"), ("X-Forwarded-Host", "<script>"),
        ):  # fmt: skip
            status, body = direct(port, "/feed.json", **{name: value})
            assert status == 400, (name, value)
            assert "evil" not in body
        assert '"https://127.0.0.1' in direct(port, "/feed.json", **{"X-Forwarded-Proto": "HTTPS"})[1]
        assert (
            '"https://a.example/'
            in direct(port, "/feed.json", **{"X-Forwarded-Proto": "https", "X-Forwarded-Host": "A.example:443"})[1]
        )
        assert direct(port, "/archive/", **{"X-Forwarded-Prefix": "/archive"})[0] == 200
        assert direct(port, "/archive", **{"X-Forwarded-Prefix": "/archive"})[0] == 200
        assert '"/archive/archive/2024"' in direct(port, "/archive/archive", **{"X-Forwarded-Prefix": "/archive/"})[1]
        assert direct(port, "/healthz", **{"X-Request-ID": "a\tb"})[0] == 200
    with serving(door) as port:
        told = direct(port, "/feed.json", **{"X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/evil"})[1]
        assert "evil" not in told, "nobody is believed unless the settings say so"


@pytest.fixture(scope="module")
def port(door: Door) -> Iterator[int]:
    """One service for all tests of connections, with little time to send a request."""
    quick = door.write("gunicorn.conf.py", re.sub(r"(TO_SEND, .*?= )10\.0", r"\g<1>1.5", CONFIG.read_text("utf-8")))
    with serving(door, gunicorn=quick) as port:
        yield port


@contextmanager
def connected(port: int, sent: bytes = b"", receives: int | None = None) -> Iterator[socket.socket]:
    """A client that has sent something."""
    with closing(socket.socket()) as client:
        if receives:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receives)
        client.settimeout(10)
        client.connect(("127.0.0.1", port))
        client.sendall(sent)
        yield client


def received(client: socket.socket, end: bytes | None = None) -> bytes:
    """All that comes until this end, or until the service closes the connection."""
    answer = b""
    while (end is None or not answer.endswith(end)) and (part := client.recv(65_536)):
        answer += part
    return answer


GET = "GET /readyz HTTP/1.1\r\nHost: localhost\r\n{}\r\n"
LAST = GET.format("Connection: close\r\n").encode()


def test_clients_that_send_half_a_request_keep_nobody_waiting(port: int) -> None:
    halves = (
        b"", b"GET", b"GET /?q=x HTTP/1.1\r\nHost: local", b"POST /desk/alerts HTTP/1.1\r\nContent-Length: 9\r\n\r\nhal"
    )  # fmt: skip
    with ExitStack() as stack:
        slow = [stack.enter_context(connected(port, halves[number % 4])) for number in range(600)]
        slowest = 0.0
        for path in ("/readyz", "/api/search?q=x", "/") * 10:
            began = time.monotonic()
            assert direct(port, path)[0] == 200
            slowest = max(slowest, time.monotonic() - began)
        assert slowest < 1
        assert slow[0].recv(1) == b"", "of very many the first is given up"
        began = time.monotonic()
        assert slow[-1].recv(1) == b"", "and each when its time is over"
        assert time.monotonic() - began < 5


def test_answers_that_nobody_takes_keep_no_readiness_waiting(port: int) -> None:
    large = b"GET /api/search?per_page=100 HTTP/1.1\r\nHost: localhost\r\n\r\n" * 10
    with ExitStack() as stack:
        for _ in range(120):
            stack.enter_context(connected(port, large, receives=2_048))
        for _ in range(5):
            began = time.monotonic()
            assert direct(port, "/readyz")[0] == 200
            assert time.monotonic() - began < 3, "it has to share the processor, but not to wait for a thread"


def test_a_request_may_come_in_pieces(port: int) -> None:
    with connected(port) as client:
        for byte in LAST:
            client.sendall(bytes([byte]))
            time.sleep(0.005)
        assert received(client).startswith(b"HTTP/1.1 200")
    form = b"POST /desk/alerts HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\ncontent-length:  10\r\n\r\n"
    with connected(port, form + b"name=") as client:
        time.sleep(0.3)
        client.sendall(b"12345")
        whole = received(client)
    with connected(port, form + b"name=12345") as client:
        assert re.sub(rb"\r\n(Date|X-Request-ID): .*", b"", received(client)) == re.sub(
            rb"\r\n(Date|X-Request-ID): .*", b"", whole
        )
    assert re.match(rb"HTTP/1.1 (2|3|4[02])", whole)


def test_a_connection_takes_one_request_after_the_other(port: int) -> None:
    with connected(port) as client:
        for _ in range(3):
            client.sendall(GET.format("").encode())
            assert received(client, b"}").startswith(b"HTTP/1.1 200")
        client.sendall(GET.format("").encode() * 3 + LAST[:30])  # at once, and the fourth by half
        time.sleep(0.2)
        client.sendall(LAST[30:])
        assert received(client).count(b"HTTP/1.1 200") == 4


def test_a_client_that_asks_before_it_sends_a_body_is_answered_at_once(port: int) -> None:
    head = b"POST /desk/alerts HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: %d\r\n"
    head += b"Expect: 100-Continue\r\n\r\n"
    with connected(port, head % 4) as client:
        assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"name")
        assert re.match(rb"HTTP/1.1 (2|3|4[02])", received(client))
    with connected(port, head % 100_001) as client:
        assert received(client).startswith(b"HTTP/1.1 413 ")


def test_what_never_comes_to_the_app_is_answered(port: int) -> None:
    post = "POST /desk/alerts HTTP/1.1\r\nHost: localhost\r\n{}\r\n\r\n"
    cases = {
        "GET /" + "a" * 8_200: 414,
        "GET /" + "a" * 8_200 + " HTTP/1.1\r\nHost: localhost\r\n\r\n": 414,
        GET.format("Cookie: " + "a" * 33_000 + "\r\n"): 431,
        "GET / HTTP/1.1\r\nCookie: " + "a" * 33_000: 431,
        GET.format("".join(f"A{number}: b\r\n" for number in range(200))): 431,
        post.format("Transfer-Encoding: chunked"): 411,
        post.format("Content-Length: 100001"): 413,
        post.format("Content-Length: -1"): 400,
        post.format("Content-Length: x"): 400,
        "\x00\r\n\r\n": 400,
        "GET / HTTP/1.1\r\nHost : x\r\n\r\n": 400,
    }
    for request, status in cases.items():
        with connected(port, request.encode()) as client:
            answer = received(client)
        assert answer.startswith(f"HTTP/1.1 {status} ".encode()), (request[:80], answer[:80])
    with connected(port, b"GET /" + b"a" * 8_200) as client:
        answer = received(client)
    assert b"<h1>\xd0\x90\xd0\xb4\xd1\x80\xd0\xb5\xd1\x81" in answer


def test_a_reload_loses_no_request_and_a_stop_lets_nobody_in(door: Door) -> None:
    statuses: list[int] = []
    over = threading.Event()

    def ask(port: int, keeps: bool) -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=20)
        while not over.is_set():
            try:
                connection.request("GET", "/readyz")
                answer = connection.getresponse()
                answer.read()
                statuses.append(answer.status)
            except OSError:
                statuses.append(0)
            if not keeps:
                connection.close()
            time.sleep(0.005)
        connection.close()

    with serving(door) as port:
        clients = [threading.Thread(target=ask, args=(port, number % 2)) for number in range(6)]
        for client in clients:
            client.start()
        process = int(re.findall(r"Listening at: .*\((\d+)\)", (door.folder / "errors").read_text("utf-8"))[-1])
        time.sleep(0.3)
        os.kill(process, signal.SIGHUP)
        until = time.monotonic() + 30
        while (door.folder / "errors").read_text("utf-8").count("Worker exiting") < 1:
            assert time.monotonic() < until
            time.sleep(0.1)
        time.sleep(0.3)
        over.set()
        for client in clients:
            client.join(20)
        with connected(port, GET.format("").encode()) as kept:
            assert received(kept, b"}").startswith(b"HTTP/1.1 200")
            os.kill(process, signal.SIGTERM)
            time.sleep(0.5)
            assert not answers(port), "who comes while it stops would wait in vain"
            os.kill(process, 0)  # it is there still
    assert len(statuses) > 100
    assert set(statuses) == {200}


def test_who_is_turned_away_is_counted_beside_a_download(tmp_path: Path) -> None:
    door = Door(tmp_path)
    articles = (json.dumps({"id": str(number), "title": "а", "text": "б"}) for number in range(500))
    door.take_in(door.write("many.jsonl", "\n".join(articles)))
    app, hold, held = create_app(Settings(index=door.index)), threading.Event(), threading.Semaphore(0)

    lock, now = threading.Lock(), [0]

    def holding() -> str:
        with lock:
            now.append(now[-1] + 1)
        held.release()
        hold.wait(20)
        with lock:
            now.append(now[-1] - 1)
        return "held"

    app.add_url_rule("/holding", view_func=holding)
    begun, on, took = threading.Event(), threading.Event(), list[float]()
    lines: list[bytes] = []
    statuses: list[int] = []

    def download() -> None:
        pieces = app.test_client().get("/export.csv", buffered=False).iter_encoded()
        assert next(pieces)
        begun.set()
        on.wait(20)
        began = time.monotonic()
        lines.extend(b"".join(pieces).splitlines())
        took.append(time.monotonic() - began)

    def ask() -> None:
        statuses.append(app.test_client().get("/holding").status_code)

    rest = threading.Thread(target=download)
    rest.start()
    assert begun.wait(20)
    others = [threading.Thread(target=ask) for _ in range(SLOTS + 3)]
    for each in others:
        each.start()
    for _ in range(SLOTS):
        assert held.acquire(timeout=20)
    came = time.monotonic()
    while len(statuses) < 3:
        assert time.monotonic() < came + 20
        time.sleep(0.01)
    assert time.monotonic() - came > LONGEST_WAIT - 1, "who has to wait is not turned away at once"
    assert 'arkhiv_http_requests_total{route="none",status="503"} 3.0' in app.test_client().get("/metrics").text
    assert app.test_client().get("/readyz").status_code == 200, "who looks after it is answered"
    on.set()
    rest.join(20)
    assert took[0] > 3 * IDLE_WAIT, "articles come two hundred at a time, and four are at work"
    hold.set()
    for each in others:
        each.join(20)
    assert sorted(statuses) == [200] * SLOTS + [503] * 3
    assert max(now) == SLOTS
    assert len(lines) == 500


def test_downloads_do_not_take_all_threads(tmp_path: Path) -> None:
    door = Door(tmp_path)
    articles = (json.dumps({"id": str(number), "title": "а", "text": "б"}) for number in range(500))
    door.take_in(door.write("many.jsonl", "\n".join(articles)))
    app = create_app(Settings(index=door.index))
    for _ in range(2 * DOWNLOADS):  # which are over at once
        assert app.test_client().head("/export.csv").status_code == 200
        assert app.test_client().get("/export.csv").text.count("\n") == 501
    begun = [app.test_client().get("/export.csv", buffered=False) for _ in range(DOWNLOADS)]
    refused = app.test_client().get("/export.csv")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, str(RETRY_AFTER))
    assert app.test_client().get("/?q=а").status_code == 200
    begun.pop().close()  # a reader who thinks better of it
    assert app.test_client().get("/export.csv").status_code == 200


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"tmiezone": '"Asia/Almaty"'}, "arkhiv.toml: unknown key 'tmiezone'; did you mean 'timezone'?"),
        ({"proxies": "-1"}, "arkhiv.toml: proxies: has to be a whole number from 0"),
        ({"synonyms": '"nowhere.txt"'}, "synonyms: cannot be read: nowhere.txt: No such file or directory"),
        ({"noindex": '"nowhere.txt"'}, "noindex: cannot be read: nowhere.txt: No such file or directory"),
    ],
)
def test_a_wrong_setting_is_one_line_of_the_journal(tmp_path: Path, settings: dict[str, str], said: str) -> None:
    command, environ = service(Door(tmp_path), free_port(), **settings)
    ended = subprocess.run(
        command, env={**os.environ, **environ}, cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert ended.returncode, "systemd sees that it failed"
    assert "Traceback" not in ended.stderr
    (told,) = [line for line in ended.stderr.splitlines() if line.startswith("arkhiv: ")]
    assert said in told


def test_without_a_readable_index_the_service_says_so(tmp_path: Path) -> None:
    door = Door(tmp_path)
    with serving(door) as port:
        # What never comes to the app is answered as the app would.
        status, page = direct(port, "/?q=" + "%D0%B0" * 3_000)
        assert (status, '<link rel="stylesheet" href="/static/arkhiv.css">' in page) == (414, True)
        assert "<h1>Адрес слишком длинный</h1>" in page
        assert direct(port, "/readyz")[0] == 503
        assert direct(port, "/healthz")[0] == 200
        door.take_in(door.write("a.jsonl", '{"id": "a", "title": "б", "text": "в"}\n'))
        until = time.monotonic() + 5
        while direct(port, "/readyz")[0] != 200:
            assert time.monotonic() < until
            time.sleep(0.2)
    told = (tmp_path / "errors").read_text("utf-8")
    assert 1 <= len([line for line in told.splitlines() if "there is no index" in line]) <= 2
    assert "Traceback" not in told


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze on this machine")
def test_the_units_are_right_and_closed(tmp_path: Path) -> None:
    for command in ("gunicorn", "indexer"):
        (tmp_path / command).write_text("#!/bin/sh\n")
        (tmp_path / command).chmod(0o755)
    units = sorted(DEPLOY.glob("*.service")) + sorted(DEPLOY.glob("*.timer"))
    for unit in units:
        (tmp_path / unit.name).write_text(unit.read_text("utf-8").replace("/opt/arkhiv/bin", str(tmp_path)), "utf-8")
    names = [str(tmp_path / unit.name) for unit in units]
    verified = subprocess.run(["systemd-analyze", "verify", "--man=no", *names], capture_output=True, text=True)
    ours = [line for line in verified.stderr.splitlines() if "arkhiv" in line]
    assert (verified.returncode, ours) == (0, [])
    rated = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", names[1]], capture_output=True, text=True
    )
    assert rated.returncode == 0, rated.stdout[-300:]


@pytest.mark.skipif(not shutil.which("promtool"), reason="no promtool on this machine")
def test_the_rules_are_right_and_ask_for_what_is_counted(door: Door) -> None:
    rules = DEPLOY / "prometheus-rules.yml"
    checked = subprocess.run(["promtool", "check", "rules", str(rules)], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    with serving(door) as port:
        direct(port, "/?q=x")
        counted = direct(port, "/metrics")[1]
    asked = set(re.findall(r"arkhiv_\w+", re.sub("#.*", "", rules.read_text("utf-8"))))
    assert {name for name in asked if name not in counted} == set()
