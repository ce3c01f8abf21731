"""Whatever a request is made of, it gets an answer of its kind: thousands of random ones, and each mistake once."""

from __future__ import annotations

import json
import logging
import os
import random
import string
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from flask import Flask
from werkzeug.test import EnvironBuilder, run_wsgi_app
from werkzeug.wrappers import Response

from search import Settings
from tests.door import Door
from web import create_app

# ARKHIV_TEST_REQUESTS=N sends so many instead.
REQUESTS = int(os.environ.get("ARKHIV_TEST_REQUESTS") or 2_000)
TOKEN = "секрет"
ODD = ["жаңа", "a/b", "//", "..", "%2F", "]]>", "<b>&amp;", "\u2028", "а\u0301", "𐌰", "'\"", "{}\\_%", "?x#y", "\ufffe"]
METHODS = ["GET"] * 14 + ["HEAD", "HEAD", "POST", "POST", "OPTIONS", "PUT", "get", "X" * 40, "TRACE"]
KINDS = {
    "/api/docs": "text/html", "/api/": "application/json", "/healthz": "application/json",
    "/readyz": "application/json", "/metrics": "text/plain",
    "/feed.atom": "application/atom+xml", "/feed.json": "application/feed+json",
    "/export.csv": "text/csv", "/export.jsonl": "application/jsonl", "/compare.csv": "text/csv",
    "/opensearch.xml": "application/opensearchdescription+xml",
    "/opensearch.json": "application/x-suggestions+json",
    "/embed.js": "text/javascript", "/robots.txt": "text/plain", "/sitemap": "application/xml",
    "/cite/ris": "application/x-research-info-systems", "/cite/bib": "application/x-bibtex", "/static/": "",
}  # fmt: skip


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    door = Door(tmp_path_factory.mktemp("border"))
    lines = [
        {"id": f"{odd}{number}", "title": f"Визит {odd}", "text": f"Аменова Дана {odd}.", "tags": [odd], "author": odd,
         "section": odd, "lead": odd, "published": "2024-05-17", "url": f"https://gazeta.example/{odd}"}
        for number, odd in enumerate(ODD)
    ]  # fmt: skip
    door.take_in(door.write("all.jsonl", "\n".join(map(json.dumps, lines))))
    return create_app(Settings(index=door.index, editors_token=TOKEN, query_log=str(door.folder)))


@contextmanager
def no_traceback() -> Iterator[None]:
    """AssertionError where something logs an exception meanwhile."""
    logged: list[str] = []
    handler = logging.Handler(logging.ERROR)
    handler.emit = lambda record: logged.append(record.getMessage())  # type: ignore[method-assign]  # a list is enough
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)
    assert logged == []


class Border:
    """Random requests, the same for the same seed."""

    def __init__(self, app: Flask, seed: int) -> None:
        self.chance = random.Random(seed)
        self.rules = [rule.rule for rule in app.url_map.iter_rules()]

    def number(self) -> str:
        small = str(self.chance.randint(-2, 40))
        return self.chance.choice(
            [small, small, small, "2024", "0", "2147483648", "9" * 20, "1" * 5_000, "٣", "1e9", "-0"]
        )

    def text(self) -> str:
        choice = self.chance.choice
        letters = "".join(
            choice("аЯёқ \"|()-*=:~.,;\t\r\n\0\x7f%&<>/\\'" + string.ascii_letters)
            for _ in range(self.chance.randint(0, 12))
        )
        return choice(
            [letters, letters, choice(ODD), "визит", self.number(), "дата:" + self.number(), "кто:" + letters]
        )

    def escaped(self, text: str) -> str:
        """The text in an address, now and then in bytes that are no UTF-8."""
        return self.chance.choice(
            [quote(text, safe="/")] * 6
            + [quote(text, safe=""), quote(text) + "%ff%C0%80", "%ED%A0%80", "%", "%zz", "%00"]
        )

    def path(self) -> str:
        rule = self.chance.choice(self.rules)
        parts = []
        for part in rule.split("/"):
            filled = self.number() if part.startswith(("<int", "<year")) else self.escaped(self.text())
            if part == "<kind>":
                filled = self.chance.choice(["bib", "ris", filled])
            if "article_id" in part and self.chance.random() < 0.5:
                number = self.chance.randrange(len(ODD))
                filled = quote(f"{ODD[number]}{number}", safe="/")
            parts.append(filled if "<" in part else part)
        return "/".join(parts) if self.chance.random() < 0.95 else "/" + self.escaped(self.text())

    def query(self) -> str:
        names = ["q", "page", "per_page", "sort", "year", "month", "day", "from", "to", "author", "section",
                 "tag", "person", "words", "similar", "correct", "within", "measure", "separator", "v", "period",
                 "limit", "id"]  # fmt: skip
        pairs = []
        for _ in range(self.chance.choice([0, 0, 1, 1, 2, 3, 9])):
            name = self.chance.choice([*names, self.escaped(self.text())])
            pairs.append(f"{name}={self.escaped(self.chance.choice([self.text, self.number])())}")
        return "&".join(pairs * self.chance.choice([1, 1, 1, 2]))

    def headers(self) -> dict[str, str]:
        """Lines of a head, as a server hands them on: their bytes as Latin letters."""
        odd = [
            "",
            "\xff",
            "\x00",
            ",",
            ";",
            "=",
            '"',
            "W/",
            '"x", W/"y',
            "*",
            "x" * 3_000,
            "a\tb",
            "9" * 30,
            "-1",
            "q=\xff",
        ]
        values = {
            "HTTP_AUTHORIZATION": ["Basic \xff", "Basic", "Basic !!!", "Basic YQ==", "Basic AA==", "Bearer",
                                   "Bearer \xff", "Digest", 'Digest username="a', "Basic Ojrwn", f"Basic {'A' * 999}",
                                   "Basic OtGB"],
            "HTTP_HOST": ["localhost:99999", "[::1]", "[::", "a b", "a@b", "a/../b", "xn--", "\xd0\xb0"],
            "HTTP_IF_NONE_MATCH": [], "HTTP_IF_MODIFIED_SINCE": ["Sun, 06 Nov 99999 08:49:37 GMT"],
            "HTTP_RANGE": ["bytes=0-", "bytes=9-1", "bytes=-0", "bytes=" + "0-1," * 99, "bytes=" + "9" * 30 + "-"],
            "HTTP_IF_RANGE": [], "HTTP_COOKIE": ["a=b; ;=;\xff"],
            "HTTP_ACCEPT_ENCODING": ["gzip", "gzip;q=1e999", "*;q=\xb2"],
            "HTTP_ACCEPT": ["text/html;q=x"], "HTTP_ORIGIN": ["null", "http://localhost"], "HTTP_X_REQUEST_ID": [],
            "HTTP_ACCEPT_LANGUAGE": [], "HTTP_CACHE_CONTROL": ["max-age=" + "9" * 30], "HTTP_REFERER": [],
            "HTTP_X_FORWARDED_FOR": [], "HTTP_SEC_FETCH_SITE": ["same-origin"], "CONTENT_LENGTH": ["\xb2"],
            "CONTENT_TYPE": ["application/x-www-form-urlencoded", "multipart/form-data; boundary=\xff",
                             "multipart/form-data", "application/json; charset=\xff"],
        }  # fmt: skip
        names = self.chance.sample(sorted(values), self.chance.choice([0, 0, 1, 2, 4]))
        return {name: self.chance.choice([*values[name], *values[name], *odd]) for name in names}


def wrong(answer: Response, method: str, path: str) -> str:
    """What an answer should not be; empty where all is right."""
    if answer.status_code >= 500 and not (answer.status_code == 501 and method == "TRACE"):
        return "an error"
    kind, body = answer.mimetype, answer.get_data()
    if answer.status_code in {204, 304} or 300 <= answer.status_code < 400 or not body:
        return ""
    if answer.headers.get("Content-Encoding") == "gzip" or answer.status_code == 206:
        return ""
    expected = next((mimetype for start, mimetype in KINDS.items() if path.startswith(start)), "text/html")
    if answer.status_code == 200 and expected and kind != expected:
        return f"of the kind {kind}"
    if kind.endswith("json"):
        json.loads(body)
    elif kind.endswith("xml"):
        ElementTree.fromstring(body)
    elif kind.startswith("text/"):
        body.decode()
    return ""


def test_no_request_whatever_is_answered_by_an_error(app: Flask) -> None:
    border = Border(app, seed := int(os.environ.get("ARKHIV_TEST_SEED") or 1))
    for number in range(REQUESTS):
        method, path, query = border.chance.choice(METHODS), border.path(), border.query()
        headers: dict[str, Any] = border.headers()
        if border.chance.random() < 0.3:
            headers["HTTP_AUTHORIZATION"] = f"Bearer {TOKEN}".encode().decode("latin-1")
        content = quote(border.text()).encode() + b"=" + border.query().encode() if method == "POST" else b""
        request = f"seed {seed}, request {number}: {method} {path[:300]}?{query[:300]} {headers} {content[:300]!r}"
        try:
            with no_traceback():
                made = EnvironBuilder(path, query_string=query, method=method, data=content, environ_overrides=headers)
                answer = Response(*run_wsgi_app(app, made.get_environ()))
                mistake = wrong(answer, method, path)
                answer.close()
        except Exception as error:  # whatever it is, who reads of it wants to send the request again
            raise AssertionError(request) from error
        assert not mistake, f"{request} is answered by {mistake}, {answer.status}"


def test_a_malformed_authorization_is_none(app: Flask) -> None:
    values = [
        "Basic \xff",
        "Basic",
        "Basic !",
        "Basic YQ==",
        "Basic AA==",
        "Bearer",
        "Bearer \xff",
        "Digest",
        "Digest a",
        "\x00",
    ]
    for value in values:
        for path in ("/desk", "/desk/alerts", "/export.jsonl"):
            answer = app.test_client().get(path, environ_overrides={"HTTP_AUTHORIZATION": value})
            assert answer.status_code == 401, (value, path)


def test_a_day_that_no_calendar_has_is_not_found(app: Flask) -> None:
    for path in ("/today/2147483648/1", "/today/1/99999999999999999999", "/today/0/1", "/today/2/30", "/today/1/-1"):
        assert app.test_client().get(path).status_code == 404, path


def test_who_has_no_letters_is_no_author_of_a_feed(app: Flask) -> None:
    client = app.test_client()
    entries = [*ElementTree.fromstring(client.get("/feed.atom").data).iter("{http://www.w3.org/2005/Atom}name")]
    assert entries
    assert all(name.text for name in entries)
    items = client.get("/feed.json").get_json()["items"]
    assert all(author["name"] for item in items for author in item.get("authors", []))
