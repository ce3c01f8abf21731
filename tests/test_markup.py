"""Texts that a CMS keeps as HTML: they are found, shown and cut out as text, from the source to the answer."""

from __future__ import annotations

import json
import sqlite3
import time
from pathlib import Path

import pytest

from indexer.sources.markup import text_of
from tests.door import Door

BODY = """<!-- wp:paragraph -->
<p class="lead">Степь <b>зацвела</b> раньше&nbsp;срока &laquo;на две недели&raquo;.<br>Так говорят учёные.</p>
<!-- /wp:paragraph -->
<script>var сценарий = 1;</script><style>p {color: red}</style>
<ul><li>тюльпаны</li><li>маки</li></ul>
<blockquote><p>Такого не было тридцать лет.</p></blockquote>
[gallery ids="1,2"][caption id="a"]<img src="/1.jpg"> Снимок из архива[/caption]
<table><tr><td>Май</td><td>21&deg;</td></tr></table>
Последний абзац.<br><br>И ещё один.
<figure><img src="/2.jpg"><figcaption>Подпись</figcaption></figure>"""
TEXT = """Степь зацвела раньше срока «на две недели».
Так говорят учёные.

• тюльпаны

• маки

Такого не было тридцать лет.

Снимок из архива

Май 21°

Последний абзац.

И ещё один.

Подпись"""


def test_only_paragraphs_lists_and_quotes_survive() -> None:
    assert text_of(BODY) == TEXT


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("", ""),
        ("   ", ""),
        ("<!-- -->", ""),
        ("<p></p><ul><li></li></ul>", ""),
        ("Просто текст", "Просто текст"),
        ("Первый.\n\nВторой,\nего конец.\n \nТретий.", "Первый.\n\nВторой, его конец.\n\nТретий."),
        ("2 < 3 & 4 > 1", "2 < 3 & 4 > 1"),
        ("<p>а</p><!--more-->б", "а\n\nб"),
        ("[caption]<img> незакрытая подпись и весь текст", "[caption] незакрытая подпись и весь текст"),
        ("[сноска 1] [sic] [London – Paris]", "[сноска 1] [sic] [London – Paris]"),
        ("[vc_row][vc_column width='1/2'][vc_column_text css='.x{margin:0}']<p>а</p>[/vc_column_text][/vc_row]", "а"),
        ("[vc_row][vc_raw_html css='x']JTNDcCUz+/Q==[/vc_raw_html]а[/vc_row]", "а"),
        ("[et_pb_text admin_label='Текст']<p>а</p>[/et_pb_text][contact-form-7 id='5'][su_box]б[/su_box]", "а\n\nб"),
        ("а [youtube https://youtu.be/1] [button]б[/button] [quote]в[/quote]", "а б в"),
        ("<figure class='wp-caption'><img><figcaption>Аким у дамбы</figcaption></figure>", "Аким у дамбы"),
        (f"<p>а</p><img src='data:image/png;base64,{'A' * 11_000_000}'><p>б</p>", "а\n\nб"),
        ("а" + "\u00a0" * 200_000 + "б", "а б"),
        ("<p>незакрытый <b>жирный", "незакрытый жирный"),
        ("а<div>б</div>в", "а\n\nб\n\nв"),
        ("<table><tr><td>а<td>б", "а б"),
        ("\ud83d<p>б\x00а", "б а"),
    ],
)
def test_odd_markup_loses_no_text(markup: str, text: str) -> None:
    assert text_of(markup) == text


@pytest.mark.parametrize("unit", ["<div>", "[caption]", "<p><b>", "&lt;", "<!--", "[gallery ", "\n\n", "<a href='"])
def test_no_markup_costs_a_hundred_times_what_another_does(unit: str) -> None:
    ordinary = "<p>Обычный абзац текста.</p>" * (1_000_000 // len("<p>Обычный абзац текста.</p>"))
    began = time.perf_counter()
    text_of(ordinary)
    usual = time.perf_counter() - began
    began = time.perf_counter()
    text_of(unit * (1_000_000 // len(unit)))
    assert time.perf_counter() - began < 20 * usual + 1


def test_of_a_source_that_says_so_markup_is_read_as_text(tmp_path: Path) -> None:
    door = Door(tmp_path)
    record = {"id": "1", "title": "Степь &amp; <i>зацвела</i>", "text": BODY}
    door.write("export.jsonl", json.dumps(record))
    door.write("arkhiv.toml", f'sources = [{{path = "{tmp_path}/export.jsonl", html = ["title", "text"]}}]')
    assert "HTML" not in door.take_in().stderr
    article = door.article("1")
    assert (article.title, article.text) == ("Степь & зацвела", TEXT)
    assert door.found("маки") == door.found('"тридцать лет"') == ["1"]
    assert door.found("сценарий") == door.found("caption") == []


def test_the_columns_of_a_database_may_hold_markup(tmp_path: Path) -> None:
    door = Door(tmp_path)
    with sqlite3.connect(tmp_path / "news.db") as database:
        database.execute("create table news (id, title, body, updated)")
        database.execute("insert into news values (1, 'Степь', ?, '2024-05-17')", [BODY])
    database.close()
    source = f'url = "sqlite:///{tmp_path}/news.db", table = "news", columns = {{text = "body"}}'
    door.write("arkhiv.toml", f"sources = [{{{source}}}]")
    assert 'news:1: text: looks like HTML; where it is, say html = ["text"]' in door.take_in().stderr
    door.write("arkhiv.toml", f'sources = [{{{source}, html = ["text"]}}]')
    assert "HTML" not in door.take_in().stderr
    assert door.article("1").text == TEXT


@pytest.mark.parametrize("text", ["<p>Абзац</p>", "Строка<br/>ещё", "Так&nbsp;и&nbsp;было", "<b>Жирно</b>"])
def test_a_text_that_looks_like_markup_is_warned_about_once(tmp_path: Path, text: str) -> None:
    door = Door(tmp_path)
    lines = (json.dumps({"id": str(number), "title": "Визит", "text": text}) for number in range(3))
    ran = door.take_in(door.write("export.jsonl", "\n".join(lines)))
    assert ran.stderr.count("looks like HTML") == 1
    assert "export.jsonl:1: text: looks like HTML" in ran.stderr


@pytest.mark.parametrize("text", ["2 < 3, а 5 > 4", "Смит & Ко", "<Имя> <Фамилия>", "if a<b: b>c"])
def test_a_text_that_is_no_markup_is_left_alone(tmp_path: Path, text: str) -> None:
    door = Door(tmp_path)
    ran = door.take_in(door.write("export.jsonl", json.dumps({"id": "1", "title": "Визит", "text": text})))
    assert "HTML" not in ran.stderr
    assert door.article("1").text == text


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ('{html = ["text"]}', "either a url or a path"),
        ('{path = "a", url = "sqlite:///b"}', "either a url or a path"),
        ('{path = "a", table = "b"}', "are of a database"),
        ('{path = "a", html = ["tags"]}', "'tags' is none of title, lead, text"),
        ('{url = "sqlite:///b"}', "either a table or a query"),
        ('{path = "a", htlm = ["text"]}', "did you mean 'html'"),
    ],
)
def test_what_does_not_go_together_in_a_source_is_told(tmp_path: Path, source: str, reason: str) -> None:
    door = Door(tmp_path)
    door.write("arkhiv.toml", f"sources = [{source}]")
    assert reason in door.run("rebuild", code=2).stderr
