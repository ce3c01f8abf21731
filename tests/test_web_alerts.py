"""Alerts that editors make: at the served desk, through the run of the command, to a real mail server or webhook."""

from __future__ import annotations

import json
import re
import sqlite3
from base64 import b64encode
from contextlib import closing
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from flask.testing import FlaskClient

from search import load_settings
from tests.door import Door
from tests.test_alerts import Hook, Relay, add, door, hook, record, relay, text_of
from tests.test_web import Page
from web import create_app

__all__ = ["door", "hook", "relay"]  # fixtures
EDITOR = {"Authorization": f"Basic {b64encode(b'x:secret').decode()}"}
MORE = 'site_url = "https://a.example"\neditors_token = "secret"\nwebhook_secret = "geheim"\n'


def settle(door: Door, relay: Relay | None = None, hook: Hook | None = None, more: str = MORE) -> None:
    mail = f'smtp = "{relay.url}"\nmail_from = "Архив «Степи» <news@gazeta.example>"\n' if relay else ""
    webhooks = f'[webhooks]\n"чат редакции" = "{hook.url}"\n' if hook else ""
    door.write("arkhiv.toml", f'index = "{door.index}"\n{more}{mail}{webhooks}')


def desk(door: Door) -> FlaskClient:
    return create_app(load_settings({"ARKHIV_CONFIG": str(door.folder / "arkhiv.toml")})).test_client()


def make(client: FlaskClient, code: int = 303, **form: str) -> str:
    answer = client.post("/desk/alerts", data=form, headers=EDITOR)
    assert answer.status_code == code, answer.text
    return answer.text


def alert_ids(client: FlaskClient) -> list[str]:
    page = client.get("/desk/alerts", headers=EDITOR)
    assert (page.status_code, page.headers["Cache-Control"]) == (200, "no-store")
    return list(dict.fromkeys(re.findall(r'action="/desk/alerts/([\w-]+)"', page.text)))


def act(client: FlaskClient, alert_id: str, action: str) -> None:
    answer = client.post(f"/desk/alerts/{alert_id}", data={"action": action}, headers=EDITOR)
    assert answer.status_code == 303


def test_an_editor_makes_an_alert_gets_its_letter_and_ends_it_in_one_click(door: Door, relay: Relay) -> None:
    settle(door, relay)
    door.take_in(door.write("first.jsonl", record(0)))
    client = desk(door)
    form = Page(client.get("/desk/alerts/new?q=президент&section=Город&month=99&words=most", headers=EDITOR).text)
    hidden = {field["name"]: field["value"] for field in form.all("input", type="hidden")}
    assert hidden["q"] == "президент"
    assert hidden["section"] == "Город"
    make(client, **hidden, name="Визиты  \u202e\r\nBcc: x", mail="Desk@gazeta.example, night@gazeta.example")
    add(door, record(1, section="Город", lead="<b>Лид</b>"), record(2))
    assert [relay.recipients, len(relay.mails)] == [[["Desk@gazeta.example"], ["night@gazeta.example"]], 2]
    mail = relay.mails[0]
    assert mail["From"] == "Архив «Степи» <news@gazeta.example>"
    assert mail["Subject"] == "Визиты Bcc: x: 1 новая статья"
    assert mail["Message-ID"].endswith("@gazeta.example>")
    assert re.fullmatch(r"Визиты Bcc: x <[0-9a-f]{16}\.gazeta\.example>", mail["List-Id"])
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    text, html = text_of(mail), text_of(mail, "html")
    assert "Запрос «президент», достаточно большинства слов, рубрика «Город»." in text
    assert "&lt;b&gt;Лид&lt;/b&gt;" in html
    assert ">Отключить это оповещение</a>" in html
    assert "https://a.example/?q=%D0%BF" in text
    stop = mail["List-Unsubscribe"].strip("<>").removeprefix("https://a.example")
    assert "Desk@gazeta.example" in client.get(stop).text
    assert client.get(f"/?{urlsplit(text.partition('оповещению: ')[2].split()[0]).query}").status_code == 200
    stopped = client.post(stop, data={"List-Unsubscribe": "One-Click"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert (stopped.status_code, "Оповещение отключено" in stopped.text) == (200, True)
    assert client.post("/alerts/stop/none").text == client.post("/alerts/stop/other").text
    assert "Оповещение отключено" in client.post("/alerts/stop/none").text
    add(door, record(3, section="Город"))
    assert relay.recipients[2:] == [["night@gazeta.example"]]
    client.post(relay.mails[2]["List-Unsubscribe"].strip("<>").removeprefix("https://a.example"))
    assert alert_ids(client) == []
    add(door, record(4, section="Город"))
    assert len(relay.mails) == 3
    assert "Disallow: /alerts/" in client.get("/robots.txt").text


def test_an_alert_is_paused_tried_resumed_and_ended_at_the_desk(door: Door, relay: Relay, hook: Hook) -> None:
    settle(door, relay, hook)
    day = datetime.now(UTC)
    door.take_in(door.write("first.jsonl", record(0, "Погода", published=(day - timedelta(hours=1)).isoformat())))
    client = desk(door)
    assert "Оповещений пока нет" in client.get("/desk/alerts", headers=EDITOR).text
    make(client, q="визит", webhook="чат редакции", within="week")
    make(client, q="погода", mail="a@gazeta.example", rate="weekly", hour="7")
    visits, weather = alert_ids(client)
    assert "Погода" in client.get(f"/desk/alerts/{weather}", headers=EDITOR).text
    assert "Ничего: за последний день" in client.get(f"/desk/alerts/{visits}", headers=EDITOR).text
    add(door, record(1, published=str((day - timedelta(days=2)).date())), record(2, published="1999-01-01"))
    ((_, body),) = hook.calls
    call = json.loads(body)
    assert [article["id"] for article in call["articles"]] == ["a1"], "the old one was not published within the week"
    assert call["text"].splitlines()[:2] == [
        "визит: 1 новая статья", "Визит президента — https://a.example/article/a1",
    ]  # fmt: skip
    act(client, visits, "pause")
    assert "Приостановлено" in client.get("/desk/alerts", headers=EDITOR).text
    add(door, record(3, published=str(day.date())))
    act(client, visits, "resume")
    add(door, record(4, published=str(day.date())))
    assert [article["id"] for article in json.loads(hook.calls[-1][1])["articles"]] == ["a4"]
    status = json.loads(door.run("status", "--json").stdout)["alerts"]
    assert {(alert["alert"], alert["way"]) for alert in status} == {
        ("визит", "webhook"), ("погода", "mail to a@gazeta.example"),
    }  # fmt: skip
    relay.refused = {"gone@gazeta.example"}
    make(client, q="вулкан", name="Вулканы", mail="gone@gazeta.example")
    add(door, record(5, "Вулкан"))
    page = client.get("/desk/alerts", headers=EDITOR).text
    assert "Не доходит с" in page
    assert "refused: 550 nobody here" in page
    for alert_id in alert_ids(client):
        act(client, alert_id, "end")
    act(client, visits, "end")
    assert json.loads(door.run("status", "--json").stdout)["alerts"] == []


def test_who_is_no_editor_and_what_comes_from_another_site_is_refused(door: Door, relay: Relay) -> None:
    settle(door, relay)
    door.take_in(door.write("first.jsonl", record(0)))
    client = desk(door)
    for path in ("/desk/alerts", "/desk/alerts/new?q=x", "/desk/alerts/some"):
        assert client.get(path).status_code == 401, path
    assert client.get("/desk/alerts/some", headers=EDITOR).status_code == 404
    form = {"q": "x", "mail": "a@b.example"}
    for headers, code in (
        ({}, 401),
        ({**EDITOR, "Sec-Fetch-Site": "cross-site"}, 403),
        ({**EDITOR, "Sec-Fetch-Site": "same-site"}, 403),
        ({**EDITOR, "Origin": "https://evil.example"}, 403),
        ({**EDITOR, "Origin": "null"}, 403),
        ({**EDITOR, "Origin": "https://a.example"}, 303),
        ({**EDITOR, "Origin": "https://localhost"}, 303),
        ({**EDITOR, "Sec-Fetch-Site": "same-origin", "Origin": "https://behind.proxy"}, 303),
    ):
        assert client.post("/desk/alerts", data=form, headers=headers).status_code == code, headers
    assert client.post("/desk/alerts", data={**form, "name": "я" * 200_000}, headers=EDITOR).status_code == 413
    assert client.post("/desk/alerts/some", data={"action": "explode"}, headers=EDITOR).status_code == 422
    settle(door, relay, more="")
    for path in ("/desk/alerts", "/desk/alerts/new", "/desk/alerts/some"):
        assert desk(door).get(path).status_code == 404, "nobody may change anything where there is no token"


def test_what_cannot_be_an_alert_is_said_and_what_was_typed_stays(door: Door, relay: Relay, hook: Hook) -> None:
    settle(door, relay, hook)
    door.take_in(door.write("first.jsonl", record(0)))
    client = desk(door)
    for form, words in (
        ({}, "Укажите, куда сообщать"),
        ({"mail": "nobody"}, "«nobody» — не адрес почты"),
        ({"mail": "<script>@x"}, "&lt;script&gt;@x"),
        ({"mail": ",".join(f"a{number}@b.example" for number in range(11))}, "Адресов больше 10"),
        ({"webhook": "http://169.254.169.254/"}, "больше нет в настройках"),
    ):
        answer = make(client, 422, q="хлеб", name='Моё "имя"', **form)
        assert words in answer, form
        assert "Моё &#34;имя&#34;" in answer
        assert 'name="q" value="хлеб"' in answer
    for wrong in ({"rate": "hourly"}, {"hour": "24"}, {"within": "month"}, {"month": "5"}, {"year": "x"}):
        make(client, 422, mail="a@b.example", **wrong)
    make(client, mail="a@b.example", name="🌋 שלום <b> " + "имя" * 263)
    make(client, mail="a@b.example", name="\u202e\n")
    page = client.get("/desk/alerts", headers=EDITOR).text
    assert "🌋 שלום &lt;b&gt; имя" in page
    assert "<bdi>Все статьи</bdi>" in page
    with closing(sqlite3.connect(door.folder / "index.alerts.sqlite")) as connection, connection:
        (content,) = connection.execute("SELECT content FROM alert").fetchone()
        connection.executemany("INSERT INTO alert VALUES (?, ?)", ((f"n{number}", content) for number in range(998)))
    assert "Оповещений уже 1000" in make(client, 422, mail="a@b.example")
    settle(door)
    assert "Сообщать пока некуда" in desk(door).get("/desk/alerts/new?q=хлеб", headers=EDITOR).text
    door.write("index.alerts.sqlite", b"nonsense" * 1000)
    for answer in (client.get("/desk/alerts", headers=EDITOR), client.post("/alerts/stop/x")):
        assert (answer.status_code, "Страница сейчас недоступна" in answer.text) == (503, True)
        assert "право читать и писать в папках" in answer.text


def test_an_alert_that_cannot_be_read_is_named_and_stops_no_run(door: Door, relay: Relay) -> None:
    settle(door, relay)
    door.take_in(door.write("first.jsonl", record(0)))
    client = desk(door)
    make(client, q="президент", mail="a@gazeta.example")
    for content in (b"{", b"\xff", b'{"id": "x", "name": "a", "mail": ["nobody"]}', b'{"id": "x", "rate": "hourly"}'):
        with closing(sqlite3.connect(door.folder / "index.alerts.sqlite")) as connection, connection:
            connection.execute("UPDATE alert SET content = ?", [content])
        for path in ("/desk/alerts", "/desk/alerts/x", "/alerts/stop/x"):
            method = client.post if "stop" in path else client.get
            assert method(path, headers=EDITOR).status_code == 503, (content, path)
        assert "index.alerts.sqlite" in door.run("status", code=None).output
    add(door, record(1))
    assert door.found("президент")


def test_an_alert_that_would_report_nothing_or_anything_is_not_made(door: Door, relay: Relay) -> None:
    settle(door, relay)
    door.take_in(door.write("first.jsonl", record(0)))
    client = desk(door)
    for form in ({"year": "none"}, {"year": "2020"}, {"to": "2020"}):
        page = make(client, code=422, q="президент", mail="a@gazeta.example", within="day", **form)
        assert "сообщений не будет" in page
    assert "не понята" in make(client, code=422, q="дата:2024-13", mail="a@gazeta.example")
    assert alert_ids(client) == []
