"""Alerts through the front door: a run publishes, and a real mail server or webhook hears of it, once."""

from __future__ import annotations

import base64
import hmac
import json
import os
import random
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, message_from_string, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from search.config import AlertSettings
from search.publication import instant
from tests.door import Door

ROOT = Path(__file__).parent.parent
# How many publications, each second one of them killed; `make test` has no hours.
PUBLICATIONS = int(os.environ.get("ARKHIV_TEST_PUBLICATIONS", "12"))
SECRET = "whsec_" + base64.b64encode(b"of the editors").decode()


class Relay:
    """A mail server; `refused` are recipients that it does not take."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.hellos: list[str | None] = []
        self.recipients: list[list[str]] = []
        self.refused: set[str] = set()
        self.port = free_port()
        self.url = f"smtp://127.0.0.1:{self.port}"
        self.start()

    def start(self, **more: Any) -> None:
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port, **more)
        self.controller.start()

    async def handle_RCPT(  # noqa: N802  # so it is called
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if address in self.refused:
            return "550 nobody here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # as above
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.raw.append(envelope.content)
        self.hellos.append(session.host_name)
        self.recipients.append(envelope.rcpt_tos)
        return "250 OK"

    def texts(self) -> list[str]:
        return [text_of(mail) for mail in self.mails]


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    (part,) = (part for part in mail.iter_parts() if part.get_content_type() == f"text/{kind}")
    assert isinstance(part, EmailMessage)
    text: str = part.get_content()
    return text


def number_in(mail: EmailMessage) -> int:
    return int(mail["Subject"].rpartition(": ")[2].split()[0])


@dataclass
class Hook:
    """A webhook; `answer` says what a call gets, by its own means."""

    answer: Callable[[BaseHTTPRequestHandler], None]
    calls: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""


def ok(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(204)
    handler.end_headers()


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


@pytest.fixture
def relay() -> Iterator[Relay]:
    relay = Relay()
    yield relay
    relay.controller.stop()


@pytest.fixture
def hook() -> Iterator[Hook]:
    hook = Hook(ok)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.calls.append(({name.lower(): value for name, value in self.headers.items()}, body))
            hook.answer(self)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    hook.url = f"http://127.0.0.1:{server.server_port}/hook"
    yield hook
    server.shutdown()
    server.server_close()


@pytest.fixture
def door(tmp_path: Path) -> Door:
    return Door(tmp_path)


def record(number: int, title: str = "Визит президента", **more: object) -> str:
    return json.dumps({"id": f"a{number}", "title": title, "text": "Абзац.", **more}) + "\n"


def settle(door: Door, relay: Relay | None, *alerts: str, more: str = "") -> None:
    """The settings file with these alerts."""
    mail = f'smtp = "{relay.url}"\nmail_from = "arkhiv@gazeta.example"\n' if relay else ""
    door.write(
        "arkhiv.toml",
        f'webhook_secret = "{SECRET}"\n{mail}{more}' + "".join(f"[[alerts]]\n{alert}\n" for alert in alerts),
    )


PRESIDENT = 'name = "Президент"\nquery = "президент"\nmail = ["desk@gazeta.example"]'


def add(door: Door, *records: str) -> str:
    return door.run("add", door.write("more.jsonl", "".join(records))).output


def test_what_comes_in_is_told_by_mail_once(door: Door, relay: Relay) -> None:
    settle(door, relay, PRESIDENT)
    first = door.write("first.jsonl", record(1) + record(2, "Погода"))
    door.take_in(first)
    assert relay.mails == [], "a first archive is not told as a whole"

    add(door, record(3, published="2024-05-17", author="Дана Аменова", lead="Главное.", url="https://gazeta.example/3"))
    (mail,) = relay.mails
    assert (relay.recipients, mail["To"]) == ([["desk@gazeta.example"]], "desk@gazeta.example")
    assert mail["Subject"] == "Президент: 1 новая статья"
    assert (mail["From"], mail["Auto-Submitted"]) == ("arkhiv@gazeta.example", "auto-generated")
    assert mail.get_content_type() == "multipart/alternative"
    assert "Визит президента\n17.05.2024, Дана Аменова\nhttps://gazeta.example/3\nГлавное." in text_of(mail)

    add(door, record(3, "Визит президента отложен", published="2024-05-17"), record(1, "Исправленный президент"))
    add(door, record(3, views=7))
    door.run("add", first)
    assert len(relay.mails) == 1, "what was told, or was there before, is not told for being written again"

    add(door, record(4, published="1999-01-01"), record(5, "Погода"))
    assert len(relay.mails) == 2
    assert relay.mails[1]["Message-ID"] != mail["Message-ID"]
    add(door, record(5, "Погода испортила президенту визит"))
    assert len(relay.mails) == 3, "an article that came in, and is found only now"
    door.run("remove", "a4")
    add(door, record(4, published="1999-01-01"))
    door.run("rollback")
    add(door, record(4, published="1999-01-01"))
    assert len(relay.mails) == 3


def test_an_alert_that_is_made_later_tells_from_its_first_run_on(door: Door, relay: Relay) -> None:
    door.take_in(door.write("first.jsonl", record(1) + record(2)))
    settle(door, relay, PRESIDENT)
    add(door, record(2, "Президент, исправлено"), record(3, "Президент приехал"))
    assert [mail["Subject"] for mail in relay.mails] == ["Президент: 1 новая статья"]
    assert "Президент приехал" in relay.texts()[0]
    settle(door, relay, PRESIDENT, 'name = "Все"\nmail = ["all@gazeta.example"]')
    add(door, record(4, "Погода"))
    assert [mail["Subject"] for mail in relay.mails[1:]] == ["Все: 1 новая статья"]
    settle(door, relay, PRESIDENT.replace('"президент"', '"погода | президент"'))
    add(door, record(5, "Погода наладилась"))
    assert [mail["Subject"] for mail in relay.mails[2:]] == ["Президент: 1 новая статья"]
    assert "Погода наладилась" in relay.texts()[2], "another question begins anew, and tells nothing old"


def test_filters_narrow_an_alert(door: Door, relay: Relay) -> None:
    alerts = (
        'name = "ничего"\nyear = "none"\nwithin = "week"',  # nothing can be, and the others are told
        'name = "рубрика"\nsection = "Город"',
        'name = "тема"\ntag = "суд"\nquery = "визит"',
        'name = "годы"\nfrom = "2020"\nto = "2021-06"',
        'name = "автор и год"\nauthor = "Пётр Ли"\nyear = 1999',
        'name = "человек"\nperson = "Анна Белова"',
    )
    # An article goes to an address once: each alert has one of its own.
    settle(door, relay, *(f'{alert}\nmail = ["{at}@gazeta.example"]' for at, alert in enumerate(alerts)))
    door.take_in(door.write("first.jsonl", record(0)))
    add(
        door,
        record(1, section="Город", published="1999-01-01", author="Дана Аменова, Пётр Ли"),
        record(2, tags=["суд"], published="2021-06-30"),
        record(3, "Погода", tags=["суд"], published="2021-07-01", lead="Анне Беловой вручили приз."),
    )
    assert sorted(mail["Subject"] for mail in relay.mails) == sorted(
        f"{name}: 1 новая статья" for name in ("рубрика", "тема", "годы", "автор и год", "человек")
    )


def test_the_signature_of_a_webhook_can_be_checked(door: Door, hook: Hook) -> None:
    settle(
        door,
        None,
        f'name = "Президент"\nquery = "президент"\nwebhook = "{hook.url}"',
        more='site_url = "https://a.example"\n',
    )
    door.take_in(door.write("first.jsonl", record(0)))
    add(
        door,
        record(1, "</script><b>Президент</b>\u202e", published="2024-05-17T09:00:00+05:00", url="javascript:alert(1)"),
    )
    ((headers, body),) = hook.calls
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.digest(b"of the editors", signed, sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    told = json.loads(body)
    title = "‹/script›‹b›Президент‹/b› — https://a.example/article/a1"
    assert told["text"].splitlines()[:2] == ["Президент: 1 новая статья", title]
    assert (told["alert"], told["query"], told["total"]) == ("Президент", "президент", 1)
    (article,) = told["articles"]
    assert article["title"] == "</script><b>Президент</b>"
    assert article["url"] == "https://a.example/article/a1", "an address that is none of the web leads nowhere"
    assert article["published"] == "2024-05-17T09:00:00+05:00"


def test_what_cannot_be_sent_is_sent_by_the_next_run(door: Door, hook: Hook) -> None:
    settle(door, None, PRESIDENT, f'name = "Хук"\nquery = "президент"\nwebhook = "{hook.url}"')
    door.take_in(door.write("first.jsonl", record(0)))
    hook.answer = lambda handler: handler.send_error(500)
    said = add(door, record(1))
    again = "is not sent, the next run tries again: "
    assert f"warning: the alert 'Президент' by mail to desk@gazeta.example {again}the settings smtp" in said
    assert "warning: the alert 'Хук' by webhook is not sent, the next run tries again: the webhook answered 500" in said
    assert "a1" in door.found("президент"), "the publication stands"
    status = door.run("status", code=1).output
    assert "'Президент' by mail to desk@gazeta.example: 0 told; FAILING since 20" in status
    assert "the alert 'Президент' by mail to desk@gazeta.example fails; the alert 'Хук' by webhook fails" in status
    assert "the webhook answered 500" in status
    told = {alert["alert"]: alert for alert in json.loads(door.run("status", "--json", code=1).stdout)["alerts"]}
    assert told["Хук"]["failure"] == "the webhook answered 500"
    assert told["Хук"]["failing"].startswith("20")

    def send_on(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(307)
        handler.send_header("Location", hook.url)
        handler.end_headers()

    hook.answer = send_on
    assert "the webhook answered 307" in add(door, record(2, "Погода"))
    failing_since = told["Хук"]["failing"]
    told = {alert["alert"]: alert for alert in json.loads(door.run("status", "--json", code=1).stdout)["alerts"]}
    assert told["Хук"]["failing"] == failing_since

    hook.answer = ok
    said = add(door, record(3))
    assert "Хук" not in said
    tried, again, arrived, next_one = hook.calls
    assert tried[0]["webhook-id"] == again[0]["webhook-id"] == arrived[0]["webhook-id"] != next_one[0]["webhook-id"]
    assert tried[1] == arrived[1], "it may have arrived before: the same letter under the same id, and no other"
    assert [each["id"] for each in json.loads(next_one[1])["articles"]] == ["a3"]
    said = add(door, record(3))
    assert len(hook.calls) == 4
    status = door.run("status", code=1).output
    assert "'Хук' by webhook: 2 told, last 20" in status
    assert status.count("FAILING") == 1


def test_a_mail_server_at_fault_costs_a_warning_alone(door: Door, relay: Relay) -> None:
    both = PRESIDENT.replace('"]', '", "night@gazeta.example"]')
    settle(door, relay, both)
    door.take_in(door.write("first.jsonl", record(0)))
    relay.refused = {"night@gazeta.example"}
    said = add(door, record(1))
    assert "by mail to night@gazeta.example is not sent, the next run tries again: refused: 550 nobody here" in said
    assert relay.recipients == [["desk@gazeta.example"]], "each address has letters of its own"
    relay.refused.add("desk@gazeta.example")
    said = add(door, record(2))
    assert said.count("is not sent, the next run tries again: refused: 550 nobody here") == 2
    relay.controller.stop()
    assert said.count("warning:") == 2
    assert "the mail server: Connection refused" in add(door, record(3))
    with socket.create_server(("127.0.0.1", relay.port)) as nonsense:

        def answer() -> None:
            with nonsense.accept()[0] as asked:
                asked.sendall(b"HTTP/1.1 400\r\n\r\n")

        threading.Thread(target=answer, daemon=True).start()
        assert "the mail server: " in add(door, record(4))
    relay.refused = set()
    relay.start()
    assert "warning:" not in add(door, record(5))
    got = [(to, number_in(mail)) for (to,), mail in zip(relay.recipients, relay.mails, strict=True)]
    assert sorted(got) == [
        ("desk@gazeta.example", 1), ("desk@gazeta.example", 1), ("desk@gazeta.example", 3),
        ("night@gazeta.example", 1), ("night@gazeta.example", 4),
    ]  # fmt: skip


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_who_sends_mail_may_have_to_say_who_they_are(door: Door, relay: Relay) -> None:
    relay.controller.stop()
    asked: list[object] = []

    def known(server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: LoginPassword) -> AuthResult:
        asked.append((given.login, given.password))
        return AuthResult(success=given.password == b"p@ss word", handled=False)

    relay.start(authenticator=known, auth_required=True, auth_require_tls=False)
    settle(door, relay, PRESIDENT)
    door.take_in(door.write("first.jsonl", record(0)))
    assert "530" in add(door, record(1)), "no name is said"
    toml = (door.folder / "arkhiv.toml").read_text("utf-8")
    door.write("arkhiv.toml", toml.replace("smtp://", "smtp://arkhiv:wrong@"))
    said = add(door, record(2))
    assert "535" in said, said
    assert "535 5.7.8" in said
    assert "wrong" not in said + door.run("status", code=1).output
    door.write("arkhiv.toml", toml.replace("smtp://", "smtp://arkhiv:p%40ss%20word@"))
    assert "warning:" not in add(door, record(3))
    assert asked[-1] == (b"arkhiv", b"p@ss word")
    assert sum(mail["Subject"].count(": 1 ") for mail in relay.mails) == 1, "the first one, tried again"
    assert sum(mail["Subject"].count(": 2 ") for mail in relay.mails) == 1, "and what came in since"
    door.write("arkhiv.toml", toml.replace("smtp://", "smtp://arkhiv:secret#1@"))
    said = door.run("status", code=2).output
    assert "smtp: not as smtp://host:25" in said
    assert "secret" not in said


def test_a_webhook_that_hangs_delays_nothing_else(door: Door, hook: Hook, relay: Relay) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        for _ in range(120):
            time.sleep(0.5)
            handler.wfile.write(b"H")

    hanging = f'query = "президент"\nwebhook = "{hook.url}'
    settle(door, relay, f'name = "а"\n{hanging}"', f'name = "б"\n{hanging}/2"', PRESIDENT)
    door.take_in(door.write("first.jsonl", record(0)))
    hook.answer = drip
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "indexer", "add", str(door.write("more.jsonl", record(1)))],
        cwd=door.folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout
    while not (line := process.stdout.readline()).startswith(b"published"):
        assert line
    assert time.monotonic() - began < 10
    assert "a1" in door.found("президент"), "published and told so, while the webhook hangs"
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0
    assert time.monotonic() - began < 30, "where one call was not answered, no other is tried"
    assert len(hook.calls) == 1
    assert said.decode().count("no answer within 15 seconds") == 2
    assert len(relay.mails) == 1


def test_what_the_settings_lack_is_said_before_there_is_news(door: Door) -> None:
    settle(door, None, PRESIDENT, more="")
    said = door.take_in(door.write("first.jsonl", record(0))).output
    assert "mail to desk@gazeta.example is not sent, the next run tries again: the settings smtp and mail_from" in said
    assert "FAILING" in door.run("status", code=1).output


def test_a_mail_is_bounded_and_hostile_texts_are_text(door: Door, relay: Relay) -> None:
    everything = 'name = "Всё </script>"\nsection = "Город"\nmail = ["all@gazeta.example"]'
    settle(door, relay, everything, more='site_url = "https://a.example"\n')
    door.take_in(door.write("first.jsonl", record(0)))
    hostile = "</script>\r\nBcc: all@evil.example\r\n\r\n\u202eнаоборот\x1b[31m"
    many = [
        record(number, f"{hostile} {number}", lead="слово " * 200, author=hostile, section="Город")
        for number in range(1, 401)
    ]
    add(door, *many)
    (mail,) = relay.mails
    assert mail["Subject"] == "Всё </script>: 400 новых статей"
    text = text_of(mail)
    assert "\n50. </script> Bcc: all@evil.example наоборот [31m" in text
    assert "\n51. " not in text
    assert "\nПоказаны 50 самых новых.\n" in text
    assert "Все статьи по этому оповещению: https://a.example/?q=&words=all&section=" in text
    html = text_of(mail, "html")
    assert "&lt;/script&gt; Bcc: all@evil.example наоборот [31m " in html
    assert "</script>" not in html
    assert len(text) < 100_000
    assert mail["Bcc"] is None
    assert relay.recipients == [["all@gazeta.example"]]
    add(door, *many)
    assert len(relay.mails) == 1, "also those that had no room were told"


def test_a_letter_of_endless_titles_is_short(door: Door, relay: Relay, hook: Hook) -> None:
    settle(door, relay, 'name = "Всё"\nmail = ["all@gazeta.example"]', f'name = "Хук"\nwebhook = "{hook.url}"')
    door.take_in(door.write("first.jsonl", record(0)))
    endless = {"lead": "лид " * 100_000, "author": "я" * 100_000, "section": "р" * 100_000}
    add(door, *(record(number, "заголовок " * 50_000, **endless) for number in range(1, 6)))
    assert len(text_of(relay.mails[0])) < 20_000
    ((_, body),) = hook.calls
    assert len(body) < 100_000
    assert json.loads(body)["articles"][0]["title"].endswith("…")


@pytest.mark.parametrize(
    ("settings", "environ"),
    [
        ("", {"ARKHIV_WEBHOOK_SECRET": "whsec_"}),
        ("", {"ARKHIV_WEBHOOK_SECRET": "whsec_№"}),
        ("", {"ARKHIV_WEBHOOK_SECRET": "a\udcff"}),
        ("", {"ARKHIV_SITE_NAME": "Газета \udcff", "ARKHIV_SMTP": "smtp://user:%FF@127.0.0.1:1"}),
    ],
)
def test_odd_settings_cost_no_run(door: Door, hook: Hook, settings: str, environ: dict[str, str]) -> None:
    index = f'index = "whoosh:{door.folder}/index"\nmail_from = "a@b.example"\n'
    settle(door, None, PRESIDENT, f'name = "Хук"\nwebhook = "{hook.url}"', more=index)
    door.take_in(door.write("first.jsonl", record(0)))
    whole = {**os.environ, "PYTHONPATH": str(ROOT), "ARKHIV_CONFIG": str(door.folder / "arkhiv.toml"), **environ}
    run = subprocess.run(
        [sys.executable, "-m", "indexer", "add", str(door.write("more.jsonl", record(1)))],
        env=whole,
        capture_output=True,
    )
    assert run.returncode == 0, run.stderr
    assert b"Traceback" not in run.stderr
    assert b"published" in run.stdout
    assert "a1" in door.found("президент")


def test_what_is_pinned_to_the_words_is_no_news(door: Door, relay: Relay) -> None:
    pins = door.write("pins.txt", "президент = a2\n")
    settle(door, relay, PRESIDENT, more=f'pins = "{pins}"\n')
    door.take_in(door.write("first.jsonl", record(0)))
    add(door, record(2, "Суп"))
    assert relay.mails == []


def test_an_alert_may_be_of_most_of_the_words(door: Door, relay: Relay) -> None:
    alert = 'name = "{}"\nquery = "снег пробки Москва"\nwords = "{}"\nmail = ["a@gazeta.example"]\n'
    settle(door, relay, alert.format("Все", "all"), alert.format("Часть", "most"))
    door.take_in(door.write("first.jsonl", record(1)))
    add(door, record(2, "Снег и пробки"))
    assert [mail["Subject"] for mail in relay.mails] == ["Часть: 1 новая статья"]


def test_an_alert_that_was_taken_out_begins_anew(door: Door, relay: Relay) -> None:
    settle(door, relay, PRESIDENT)
    door.take_in(door.write("first.jsonl", record(0)))
    other = 'name = "Другое"\nquery = "никогда"\nmail = ["all@gazeta.example"]'
    settle(door, relay, other)
    add(door, record(1))
    settle(door, relay, other, PRESIDENT)
    add(door, record(2))
    assert [mail["Subject"] for mail in relay.mails] == ["Президент: 1 новая статья"]


def test_a_run_that_sends_holds_up_no_other_publication(door: Door, hook: Hook) -> None:
    published = threading.Event()

    def hang(handler: BaseHTTPRequestHandler) -> None:
        assert published.wait(60)
        ok(handler)

    index = f'index = "whoosh:{door.folder}/index"\n'
    settle(door, None, f'name = "Хук"\nwebhook = "{hook.url}"', more=index)
    door.take_in(door.write("first.jsonl", record(0)))
    hook.answer = hang
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "ARKHIV_CONFIG": str(door.folder / "arkhiv.toml")}
    command = [sys.executable, "-m", "indexer", "add"]
    with subprocess.Popen([*command, str(door.write("1.jsonl", record(1)))], env=environ, stdout=subprocess.DEVNULL):
        while not hook.calls:
            time.sleep(0.05)
        file = str(door.write("2.jsonl", record(2)))
        with subprocess.Popen([*command, file], env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as second:
            assert second.stdout
            while not (line := second.stdout.readline()).startswith(b"published"):
                assert line
            assert not published.is_set(), "the first still sends"
            hook.answer = ok
            published.set()
            _, said = second.communicate()
        assert b"warning" not in said
    assert [each["id"] for _, body in hook.calls for each in json.loads(body)["articles"]] == ["a1", "a2"]


def test_what_a_silent_run_published_is_told_by_the_next(door: Door, hook: Hook) -> None:
    index = f'index = "whoosh:{door.folder}/index"\n'
    settle(door, None, f'name = "Хук"\nwebhook = "{hook.url}"', more=index)
    door.take_in(door.write("first.jsonl", record(0)))
    time.sleep(2.5)  # so that what comes now is not near what was there
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    own = {**environ, "ARKHIV_CONFIG": str(door.write("silent.toml", index))}
    with subprocess.Popen(
        [sys.executable, "-m", "indexer", "add", "-"], env=own, stdin=subprocess.PIPE, stderr=subprocess.PIPE
    ) as silent:
        assert silent.stdin
        assert silent.stderr
        silent.stdin.write(b"nonsense\n")
        silent.stdin.flush()
        assert silent.stderr.readline().startswith(b"stdin:1: not JSON"), "it writes, and waits for more"
        time.sleep(2.5)
        command = [sys.executable, "-m", "indexer", "add", "--wait", "30", str(door.write("2.jsonl", record(2)))]
        whole = {**environ, "ARKHIV_CONFIG": str(door.folder / "arkhiv.toml")}
        with subprocess.Popen(command, env=whole, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) as waiting:
            assert waiting.stderr
            assert b"waiting up to" in waiting.stderr.readline()
            silent.communicate(record(1).encode())
            waiting.communicate(timeout=60)
    told = [each["id"] for _, body in hook.calls for each in json.loads(body)["articles"]]
    assert sorted(told) == ["a1", "a2"]


def test_an_article_dated_ahead_is_told_when_it_is_due(door: Door, relay: Relay) -> None:
    settle(door, relay, PRESIDENT)
    door.take_in(door.write("first.jsonl", record(0)))
    due = datetime.now(UTC) + timedelta(seconds=3)
    add(door, record(1, published=due.isoformat(timespec="seconds")))
    assert relay.mails == []
    time.sleep(max(0.0, (due - datetime.now(UTC)).total_seconds()))
    add(door, record(2, "Погода"))
    assert len(relay.mails) == 1


def test_what_a_run_took_in_is_not_looked_through_again(door: Door, relay: Relay) -> None:
    more = f'index = "whoosh:{door.folder}/index"\n'
    settle(door, relay, 'name = "Всё"\nquery = ""\nmail = ["desk@gazeta.example"]', more=more)
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "ARKHIV_CONFIG": str(door.folder / "arkhiv.toml")}
    for command in ("rebuild", "add"):
        number = int(command == "add")
        with subprocess.Popen(
            [sys.executable, "-m", "indexer", command, "-"], env=environ, stdin=subprocess.PIPE
        ) as run:
            assert run.stdin
            run.stdin.write(record(2 * number).encode())
            run.stdin.flush()
            run.stdin.write(record(2 * number + 1).encode())
        built = datetime.fromisoformat(json.loads(door.run("status", "--json").stdout)["index"]["built_at"])
        with closing(sqlite3.connect(door.folder / "index.alerts.sqlite")) as book:
            assert book.execute("SELECT since, until FROM errand, entered").fetchall() == [(instant(built),) * 2]
    assert [mail["Subject"] for mail in relay.mails] == ["Всё: 2 новые статьи"]


def test_what_is_remembered_may_be_gone_or_damaged(door: Door, relay: Relay) -> None:
    settle(door, relay, PRESIDENT)
    door.take_in(door.write("first.jsonl", record(0)))
    (door.folder / "index.alerts.sqlite").unlink()
    add(door, record(1))
    assert len(relay.mails) == 1
    door.write("index.alerts.sqlite", b"nonsense" * 1000)
    said = add(door, record(2))
    assert "warning: alerts are not sent, the next run tries again: " in said
    assert "index.alerts.sqlite" in said
    assert "what alerts have told cannot be read" in door.run("status", code=1).output
    assert "a2" in door.found("президент")
    (door.folder / "index.alerts.sqlite").unlink()
    shown = door.run("status", code=1).output  # also where nothing shows it any more
    assert re.search(r"the last alerts failed: .*index.alerts.sqlite: file is not a database", shown)
    settings = (door.folder / "arkhiv.toml").read_text("utf-8")
    door.write("arkhiv.toml", settings.partition("[[alerts]]")[0])
    assert "failed" not in door.run("status").output, "nobody is told any more"
    door.write("arkhiv.toml", settings)
    assert "warning:" not in add(door, record(3))
    assert re.search(r"last run .* add: 1 added", door.run("status").output)


@pytest.mark.parametrize(
    ("alert", "reason"),
    [
        ('name = "а"', "neither mail nor webhook"),
        ('name = "а"\nmail = ["nobody"]', "'nobody' is not an address"),
        ('name = "а"\nmail = ["a@b.example\\nBcc: c@d.example"]', "is not an address"),
        ('name = "а\\nб"\nmail = ["a@b.example"]', "cannot stand in a line"),
        ('name = "а"\nmail = ["a@b.example"]\nquerry = "x"', "unknown key 'querry'; did you mean 'query'?"),
        ('name = "а"\nmail = ["a@b.example"]\nmonth = 5', "a month needs its year"),
        ('name = "а"\nmail = ["a@b.example"]\nyear = "none"\nday = 5', "year=none means the articles without a date"),
        ('name = "а"\nmail = ["a@b.example"]\nfrom = "2024-13"', "is not a date"),
        ('name = "а"\nwebhook = "file:///etc/passwd"', "not an address of the web"),
        ('name = "а"\nwebhook = "https://газета.рф/хук"', "not an address of the web"),
        ('name = "а"\nwebhook = "http://127.0.0.1:99999/"', "not an address of the web"),
        ('name = "а"\nmail = ["a,b@c.example"]', "is not an address"),
        ('name = "а"\nwebhook = "чат"', "'чат' is not among webhooks"),
        ('name = "а"\nmail = ["a@b.example"]\nhour = 24', "hour"),
        (f"{PRESIDENT}\n[[alerts]]\n{PRESIDENT}", "two have the name 'Президент'"),
    ],
)
def test_an_alert_that_makes_no_sense_is_named(door: Door, alert: str, reason: str) -> None:
    settle(door, None, alert)
    said = door.run("rebuild", door.write("first.jsonl", record(0)), code=2).output
    assert "arkhiv.toml: alerts" in said or "in alerts" in said
    assert reason in said


def test_each_article_is_told_once_though_runs_are_killed(door: Door, relay: Relay, hook: Hook) -> None:
    settle(
        door, relay, PRESIDENT, f'name = "Хук"\nwebhook = "{hook.url}"', more=f'index = "whoosh:{door.folder}/index"\n'
    )
    door.take_in(door.write("first.jsonl", record(0)))
    # Another alert to the same address finds the same: each article is told there once all the same.
    toml = (door.folder / "arkhiv.toml").read_text("utf-8")
    door.write(
        "arkhiv.toml", f"{toml}[[alerts]]\n" + PRESIDENT.replace("Президент", "Ещё").replace("президент", "визит")
    )
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "ARKHIV_CONFIG": str(door.folder / "arkhiv.toml")}
    chance = random.Random(20)  # a test
    whole = 1.0
    for number in range(1, PUBLICATIONS + 1):
        began = time.monotonic()
        file = door.write(f"{number}.jsonl", record(number) + record(number - 1, f"Президент, исправлено {number}"))
        command = [sys.executable, "-m", "indexer", "add", "--wait", "9", str(file)]
        with subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
            if number % 2:
                time.sleep(whole * chance.uniform(0.3, 1.05))
                run.send_signal(signal.SIGKILL)
        if not number % 2:
            assert run.returncode == 0
            whole = time.monotonic() - began
    everything = door.write("all.jsonl", "".join(record(number) for number in range(PUBLICATIONS + 1)))
    door.run("rebuild", everything)
    # A run that is killed between the answer and its own note of it leaves a letter that comes again, under its id.
    letters = {headers["webhook-id"]: body for headers, body in hook.calls}
    told = [each["id"] for body in letters.values() for each in json.loads(body)["articles"]]
    assert Counter(told) == Counter(f"a{number}" for number in range(1, PUBLICATIONS + 1))
    mails = {mail["Message-ID"]: number_in(mail) for mail in relay.mails}
    assert sum(mails.values()) == PUBLICATIONS
    assert len(hook.calls) + len(relay.mails) <= len(letters) + len(mails) + 2


def test_of_runs_at_the_same_time_only_one_tells(door: Door, hook: Hook) -> None:
    def slowly(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(0.3)
        ok(handler)

    settle(door, None, f'name = "Хук"\nwebhook = "{hook.url}"', more=f'index = "whoosh:{door.folder}/index"\n')
    door.take_in(door.write("first.jsonl", record(0)))
    hook.answer = slowly
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "ARKHIV_CONFIG": str(door.folder / "arkhiv.toml")}
    files = [door.write(f"{number}.jsonl", record(number)) for number in range(1, 7)]
    runs = [
        subprocess.Popen([sys.executable, "-m", "indexer", "add", "--wait", "30", str(file)], env=environ,
                         stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        for file in files
    ]  # fmt: skip
    for run in runs:
        _, said = run.communicate(timeout=60)
        assert (run.returncode, b"warning" in said) == (0, False), said
    told = [each["id"] for _, body in hook.calls for each in json.loads(body)["articles"]]
    assert Counter(told) == Counter(f"a{number}" for number in range(1, 7))


def test_a_subject_keeps_its_blanks_whatever_its_length(door: Door, relay: Relay) -> None:
    """Python 3.11 and 3.12 lose a blank between two encoded words, as in «новыхстатей»."""
    names = [("Суды и приговоры по делам о земле и воде в степи и в городах"[:size]).strip() for size in range(1, 61)]
    names += ["Plain ASCII, (with) signs", "🌋 " * 49 + "🌋", "я" * 100]
    alerts = (f'name = "{name}"\nmail = ["a{at}@gazeta.example"]' for at, name in enumerate(dict.fromkeys(names)))
    settle(door, relay, *alerts)
    settings = (door.folder / "arkhiv.toml").read_text("utf-8")
    door.write("arkhiv.toml", settings.replace('"arkhiv@', '"Архив «Степи», газета о степи и городе <arkhiv@', 1)
               .replace('gazeta.example"', 'gazeta.example>"', 1))  # fmt: skip
    door.take_in(door.write("first.jsonl", record(0)))
    add(door, record(1))
    assert {mail["Subject"] for mail in relay.mails} == {f"{name.strip()}: 1 новая статья" for name in names}
    senders, lists = set(), set()
    for raw in relay.raw:
        head = raw.partition(b"\r\n\r\n")[0].decode("ascii")
        # Python's parser of addresses adds blanks between encoded words; as RFC 2047 has it, there are none.
        old = message_from_string(head, policy=policy.compat32)
        senders.add(str(make_header(decode_header(old["From"]))))
        lists.add(str(make_header(decode_header(old["List-Id"]))).rpartition(" <")[0])
        (subject,) = re.findall(r"^Subject: ([^\r]*(?:\r\n [^\r]*)*)", head, re.MULTILINE)
        words = [re.fullmatch(r"=\?utf-8\?(b|q)\?([^?]+)\?=", word) for word in subject.split("\r\n ")]
        assert all(word and len(word[0]) <= 75 for word in words), subject
        assert not re.search(r"\?=[ \t]*=\?", subject), "words that touch in one line"
    assert senders == {"Архив «Степи», газета о степи и городе <arkhiv@gazeta.example>"}
    assert lists == set(names)
    assert set(relay.hellos) == {"gazeta.example"}


def test_an_article_goes_to_an_address_once_whatever_the_alerts(door: Door, relay: Relay, hook: Hook) -> None:
    def alert(name: str, query: str) -> str:
        return f'name = "{name}"\nquery = "{query}"\nmail = ["Desk@gazeta.example"]\nwebhook = "{hook.url}"'

    settle(door, relay, alert("Один", "президент"), alert("Два", "визит"))
    door.take_in(door.write("first.jsonl", record(0)))
    add(door, record(1), record(2, "Визит министра"))
    assert [mail["Subject"] for mail in relay.mails] == ["Один: 1 новая статья", "Два: 1 новая статья"]
    relay.refused, hook.answer = {"Desk@gazeta.example"}, lambda handler: handler.send_error(500)
    add(door, record(3))
    relay.refused, hook.answer = set(), ok
    # A file of an earlier version, which did not know the places of what was reported.
    with closing(sqlite3.connect(door.folder / "index.alerts.sqlite")) as connection, connection:
        for table in ("told", "promised"):
            connection.execute(f"DELETE FROM {table} WHERE errand NOT IN (SELECT id FROM errand)")  # ours
        connection.execute("PRAGMA user_version = 0")
        connection.execute("DROP TABLE alert")
    settle(door, relay, alert("Один", "президент"), alert("Два", "визит"), alert("Три", "президент | министр"))
    add(door, record(1, "Визит президента, исправлено"))
    assert [mail["Subject"] for mail in relay.mails[2:]] == ["Один: 1 новая статья"], "the claim of the one that failed"
    assert [[article["id"] for article in json.loads(body)["articles"]] for _, body in hook.calls[-1:]] == [["a3"]]
    settle(door, relay, alert("Два", "визит"), alert("Три", "президент | министр"))
    add(door, record(4), record(5, "Министр"))
    assert [mail["Subject"] for mail in relay.mails[3:]] == ["Два: 1 новая статья", "Три: 1 новая статья"]


def test_a_flood_is_one_letter_that_says_so(door: Door, relay: Relay, hook: Hook) -> None:
    everything = f'name = "Всё"\nmail = ["a@gazeta.example"]\nwebhook = "{hook.url}"'
    settle(door, relay, everything, more='alert_flood = 60\nsite_url = "https://a.example"\n')
    door.take_in(door.write("first.jsonl", record(0)))
    many = [record(number, "Старая статья " * 9, published="1999-01-01") for number in range(1, 63)]
    add(door, *many)
    add(door, *many, record(99))
    flood, usual = relay.texts()
    said = "В архив сразу добавлены 62 статьи, подходящие под оповещение; показаны 50 самых новых."
    assert said in flood
    assert "Все статьи по этому оповещению: https://a.example/?q=&words=all&sort=newest" in flood
    assert "сразу" not in usual
    text = json.loads(hook.calls[0][1])["text"]
    assert text.splitlines()[:2] == ["Всё: 62 новые статьи", said]
    assert text.endswith("\nВсе статьи: https://a.example/?q=&words=all&sort=newest")
    assert 2_000 < len(text) <= 3_000


def test_a_digest_comes_at_its_hour_and_holds_what_was_published_within_its_time(door: Door, relay: Relay) -> None:
    door.take_in(door.write("first.jsonl", record(0)))
    today = datetime.now(UTC).date()
    for rate, within, days, subject in (
        ("daily", "week", 1, "daily: 2 новые статьи"),
        ("weekly", "year", 7, "weekly: 3 новые статьи"),
    ):
        settle(door, relay, f'name = "{rate}"\nrate = "{rate}"\nwithin = "{within}"\nmail = ["{rate}@gazeta.example"]')
        ages = enumerate((0, 3, 40, 500), 10 * days)
        add(door, *(record(number, published=str(today - timedelta(days=age))) for number, age in ages))
        assert relay.mails == [], "not before its hour"
        with closing(sqlite3.connect(door.folder / "index.alerts.sqlite")) as connection, connection:
            past = "INSERT OR REPLACE INTO digest SELECT id, made - ? FROM errand"
            connection.execute(past, [days * 86_400_000_000])
        add(door, record(10 * days + 4, published="1999-01-01"))
        add(door, record(10 * days + 5, published=str(today)))
        assert [mail["Subject"] for mail in relay.mails] == [subject], "the next one comes in its time"
        relay.mails.clear()


def test_the_last_time_of_a_digest_is_that_of_the_newspaper() -> None:
    zone = ZoneInfo("Asia/Almaty")
    for rate, now, due in (
        ("daily", "2024-05-17 06:59", "2024-05-16 07:00"),
        ("daily", "2024-05-17 07:00", "2024-05-17 07:00"),
        ("weekly", "2024-05-20 06:59", "2024-05-13 07:00"),
        ("weekly", "2024-05-26 23:59", "2024-05-20 07:00"),
        ("at_once", "2024-05-26 23:59", "2024-05-26 23:59"),
    ):
        alert = AlertSettings(name="а", mail=("a@b.example",), rate=rate, hour=7)  # type: ignore[arg-type]  # one of them
        moment = datetime.fromisoformat(now).replace(tzinfo=zone)
        assert alert.last_due(moment) == datetime.fromisoformat(due).replace(tzinfo=zone), (rate, now)


def test_an_alert_with_days_of_its_own_looks_no_further_back_than_within() -> None:
    zone, now = ZoneInfo("Asia/Almaty"), datetime(2024, 5, 17, 20, tzinfo=UTC)  # the 18th at the newspaper
    for filters, first in (
        ({}, date(2024, 5, 11)),
        ({"date_from": "2024-05"}, date(2024, 5, 11)),
        ({"date_from": "2024-05-15"}, date(2024, 5, 15)),
        ({"date_to": "2024-05-11"}, date(2024, 5, 11)),
        ({"date_to": "2024-04"}, None),
    ):
        alert = AlertSettings(name="а", mail=("a@b.example",), within="week", **filters)
        options = alert.options(now, zone)
        assert (options["date_from"] if options else None) == first, filters
