"""Folders of saved pages: what of a page is the article, in HTML and in plain text."""

# ruff: noqa: E501  # markup as it stands

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from indexer.sources import Row, Unchanged, Unreadable, open_source
from indexer.sources.pages.folder import MAX_PAGE
from indexer.sources.pages.plain import read_plain
from search.errors import SourceError
from search.model import Article
from tests.door import Door

SEED = (
    Path(os.environ.get("ARKHIV_TEST_DATA") or Path(__file__).parent.parent.parent / "shared") / "seed" / "article.txt"
)

LEAD = "Тюльпаны раскрылись на две недели раньше обычного, сообщает «Вестник» со ссылкой на акимат области."
SECOND = "Учёные связывают это с тёплой зимой и поздними дождями. Такого не было тридцать лет, говорят старожилы."
THIRD = "Экскурсии начнутся в субботу, автобусы пойдут от вокзала каждые полчаса, билеты уже в продаже."


def page(head: str = "", body: str = "", title: str = "Степь зацвела", heading: str = "<h1>Степь зацвела</h1>") -> str:
    return (
        f"<!doctype html><html><head><title>{title}</title>{head}<style>.x{{color:red}}</style></head><body>"
        f"<header><nav><a href='/'>Главная</a></nav><time datetime='2020-01-01'></time></header>"
        f"<article>{heading}{body}<p>{LEAD}</p>"
        f"<script>var x = 'сценарий';</script><p>{SECOND}</p><p>Читайте также: Паводок пришёл ночью</p><p>{THIRD}</p>"
        "</article><aside><h2>Популярное</h2><ul><li><a href='/1'>Мамонта нашли</a></li><li><a href='/2'>Турнир"
        "</a></li></ul></aside><script>document.write('сценарий')</script><footer>© Вестник</footer></body></html>"
    )


def linked(**data: Any) -> str:
    described = {"@context": "https://schema.org", "@type": "NewsArticle", **data}
    graph = {"@graph": [{"@type": "WebSite", "name": "Вестник"}, described]}
    text = json.dumps(graph, ensure_ascii=False).replace("</", r"<\/")
    return f'<script type="application/ld+json">{text}</script>'


def read(folder: Path, content: str | bytes, name: str = "a.html") -> Any:
    """The record of a page."""
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return {row.key: row.record for row in open_source(str(folder)).rows()}[name]


def meta(name: str, content: str) -> str:
    return f'<meta property="{name}" content="{content}">'


def test_a_page_without_metadata_gives_headline_and_text(tmp_path: Path) -> None:
    record = read(tmp_path, page())
    assert record == {
        "id": "a.html",
        "title": "Степь зацвела",
        "text": f"{LEAD}\n\n{SECOND}\n\n{THIRD}",
        "source": "акимат области",
    }


def test_what_json_ld_says_goes_into_the_fields(tmp_path: Path) -> None:
    data = linked(
        headline="Степь &quot;рано&quot; <b>зацвела</b><script>сценарий</script>",
        datePublished="2024-05-17T09:00:00+05:00",
        dateModified="2024-05-18",
        author=[{"@type": "Person", "name": "Дана Сергеева", "jobTitle": "корреспондент"}, {"name": "Ли Пак"}],
        articleSection=["Общество", "Люди"],
        keywords="весна, степь, весна",
        description="Тюльпаны раскрылись на две недели раньше…",
        image=[{"url": "https://img.example/a.jpg", "creditText": "Роман Ким"}],
        mainEntityOfPage={"@id": "https://gazeta.example/news/step"},
    )
    assert read(tmp_path, page(data, heading="")) == {
        "id": "https://gazeta.example/news/step",
        "url": "https://gazeta.example/news/step",
        "title": 'Степь "рано" зацвела',
        "lead": LEAD,
        "text": f"{SECOND}\n\n{THIRD}",
        "published": "2024-05-17T09:00:00+05:00",
        "updated": "2024-05-18",
        "author": "Дана Сергеева, Ли Пак",
        "author_role": "корреспондент",
        "section": "Общество",
        "tags": ["весна", "степь"],
        "source": "акимат области",
        "image": "https://img.example/a.jpg",
        "image_credit": "Роман Ким",
    }


def test_what_meta_elements_say_goes_into_the_fields(tmp_path: Path) -> None:
    head = "".join(
        [
            meta("og:title", "Степь зацвела рано"),
            meta("og:description", "Весна пришла в степь."),
            meta("og:image", "https://img.example/b.jpg"),
            meta("article:published_time", "2024-05-16T09:00:00+05:00"),
            meta("article:modified_time", "2024-05-17"),
            meta("article:section", "Общество"),
            meta("article:tag", "весна") + meta("article:tag", "степь"),
            meta("article:author", "https://social.example/dana") + '<meta name="author" content="Дана Сергеева">',
            '<link rel="canonical" href="https://gazeta.example/news/1">',
        ]
    )
    record = read(tmp_path, page(head, "<figure><img src='a'><figcaption>Фото: Роман Ким</figcaption></figure>"))
    assert (record["id"], record["title"]) == ("https://gazeta.example/news/1", "Степь зацвела")
    assert (record["lead"], record["text"]) == ("Весна пришла в степь.", f"{LEAD}\n\n{SECOND}\n\n{THIRD}")
    assert (record["published"], record["updated"]) == ("2024-05-16T09:00:00+05:00", "2024-05-17")
    assert (record["section"], record["tags"], record["author"]) == ("Общество", ["весна", "степь"], "Дана Сергеева")
    assert (record["image"], record["image_credit"]) == ("https://img.example/b.jpg", "Роман Ким")


TIME = "<time datetime='2022-01-03'>3 января</time>"


@pytest.mark.parametrize(
    ("head", "body", "published"),
    [
        (linked(datePublished="2024-05-17") + meta("article:published_time", "2023-01-02"), TIME, "2024-05-17"),
        (meta("article:published_time", "2023-01-02"), TIME, "2023-01-02"),
        ("", TIME + "<time datetime='2021-01-04'></time>", "2022-01-03"),
        ("", TIME + "<time itemprop='datePublished' datetime='2021-01-04'></time>", "2021-01-04"),
        (linked(datePublished="вчера"), TIME, "2022-01-03"),
        (linked(datePublished="вчера"), "", None),
        ("", "<time datetime='09:30'></time>", None),
    ],
)
def test_of_two_dates_that_of_json_ld_wins(tmp_path: Path, head: str, body: str, published: str | None) -> None:
    assert read(tmp_path, page(head, body)).get("published") == published


@pytest.mark.parametrize("address", ["https://gazeta.example", "https://gazeta.example/", "/news/1", "javascript:x"])
def test_an_address_that_is_not_the_pages_own_is_no_id(tmp_path: Path, address: str) -> None:
    record = read(tmp_path, page(f'<link rel="canonical" href="{address}">'))
    assert (record["id"], "url" in record) == ("a.html", False)


@pytest.mark.parametrize(
    ("encoding", "head"),
    [
        ("cp1251", '<meta charset="windows-1251">'),
        ("cp1251", '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">'),
        ("cp1251", ""),
        ("mac_cyrillic", ""),
        ("cp1251", '<meta charset="utf-8">'),
        ("cp1251", '<meta charset="nonsense">'),
        ("utf-8", '<meta charset="windows-1251">'),
        ("cp1251", '<meta charset="iso-8859-1">'),
        ("cp1251", '<meta charset="koi8-r">'),
        ("koi8-r", '<meta charset="windows-1251">'),
        ("koi8-r", '<meta charset="koi8-r">'),
        ("utf-8-sig", ""),
        ("utf-16", ""),
    ],
)
def test_a_page_is_read_in_the_encoding_that_it_was_saved_in(tmp_path: Path, encoding: str, head: str) -> None:
    record = read(tmp_path, page(head).encode(encoding, "xmlcharrefreplace"))
    assert (record["title"], record["text"]) == ("Степь зацвела", f"{LEAD}\n\n{SECOND}\n\n{THIRD}")


@pytest.mark.parametrize("damage", [b"\xff", b"\xd0", b"\xc3\x28", "«".encode("cp1251")])
def test_a_damaged_byte_does_not_spoil_the_rest_of_a_page(tmp_path: Path, damage: bytes) -> None:
    whole = page('<meta charset="windows-1251">').encode()
    record = read(tmp_path, whole.replace("поздними".encode(), damage + "поздними".encode()))
    assert record["title"] == "Степь зацвела"
    assert record["text"].startswith(LEAD)
    assert "поздними дождями" in record["text"]


def test_a_page_cut_anywhere_is_read_as_far_as_it_goes_or_named(tmp_path: Path) -> None:
    whole = page(linked(headline="Степь зацвела", datePublished="2024-05-17")).encode()
    lengths = range(0, len(whole), 97)
    for length in lengths:
        (tmp_path / f"{length}.html").write_bytes(whole[:length])
    records = {row.key: row.record for row in open_source(str(tmp_path)).rows()}
    assert len(records) == len(lengths)
    for record in records.values():
        if isinstance(record, dict):
            assert set(record["text"].split()) <= {*f"{LEAD} {SECOND} {THIRD}".split()} | {record["text"].split()[-1]}
        else:
            assert record.reason == "there is no article in it"
    assert LEAD in read(tmp_path, whole[: whole.index("Экскурсии".encode()) + 1])["text"]


@pytest.mark.parametrize("content", ["", "   ", "\0\0\0", "<html></html>", "<!-- -->", "<p>", "<title>Пусто</title>"])
@pytest.mark.parametrize("name", ["a.html", "a.txt"])
def test_a_page_without_an_article_is_named(tmp_path: Path, content: str, name: str) -> None:
    record = read(tmp_path, content, name)
    assert isinstance(record, Unreadable)
    assert record.reason == "there is no article in it"


def test_pages_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b.HTM", "a/2.html", "a/1.html", "c.css", "b_files/frame.html", "b.htm.bak"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(page() if name.lower().endswith((".htm", ".html")) else "p {color: red}")
    (tmp_path / "b.htm").write_text(page())
    source = open_source(str(tmp_path))
    rows = list(source.rows())
    assert [row.key for row in rows] == ["a/1.html", "a/2.html", "b.HTM", "b.htm"]
    assert rows[0].place == str(tmp_path / "a" / "1.html")
    assert source.position == source.size == 4 * len(page().encode())


def test_odd_huge_and_vanished_files_are_named(tmp_path: Path) -> None:
    folder, outside = tmp_path / "pages", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    (folder / "a.html").write_text(page())
    (folder / "b.html").symlink_to(folder / "a.html")
    (folder / "c.html").symlink_to(folder / "nowhere")
    (folder / "d").symlink_to(outside)
    os.mkfifo(folder / "e.html")
    with (folder / "f.html").open("wb") as file:
        file.truncate(MAX_PAGE + 1)
    (folder / "g.html").write_text(page())
    source = open_source(str(folder))
    (folder / "g.html").unlink()
    reasons = {row.key: getattr(row.record, "reason", "") for row in source.rows()}
    link = "is a symbolic link, and these are not followed"
    assert reasons == {
        "a.html": "",
        "b.html": link,
        "c.html": link,
        "d": link,
        "e.html": "is no regular file",
        "f.html": "has 16,777,217 bytes, more than the 16,777,216 of a page",
        "g.html": "cannot be read: No such file or directory",
    }


def test_a_folder_without_pages_is_an_error_of_the_source(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("")
    with pytest.raises(SourceError, match=r"holds no page \(\.html, \.htm, \.txt, "):
        open_source(str(tmp_path))


def test_a_page_that_has_not_changed_is_not_read_again(tmp_path: Path) -> None:
    read(tmp_path, page())
    read(tmp_path, page(), "b.html")
    known = {row.key: row.stamp for row in open_source(str(tmp_path)).rows()}
    os.utime(tmp_path / "b.html", ns=(0, 0))
    first, second = open_source(str(tmp_path)).rows(known)
    assert isinstance(first, Unchanged)
    assert len(first.keys) == 1
    assert isinstance(second, Row)
    assert isinstance(second.record, dict)


PLAIN = f"""
Степь зацвела раньше срока

12 051
17 мая 2024, 09:30
Асель Ким
собственный корреспондент

{LEAD}

Фото: Роман Ким

{SECOND}

Архив

{THIRD}

Читайте также: Паводок пришёл ночью

{SECOND}

Популярное

Все
Мамонта нашли под городом
Выставка «Красота степи»
Победили почти всех!
И поезд ушёл...

Читайте также

Волонтёры присоединятся к акции «Тёплый дом для каждого жителя нашей большой…
Переговоры о транзите

Архив

  • [[year]]
  • [[month.label]]
  • [[day]]
"""


def test_a_plain_page_gives_byline_credit_and_source() -> None:
    assert read_plain(PLAIN) == {
        "title": "Степь зацвела раньше срока",
        "views": 12051,
        "published": "2024-05-17T09:30",
        "author": "Асель Ким",
        "author_role": "собственный корреспондент",
        "lead": LEAD,
        "text": f"{SECOND}\n\nАрхив\n\n{THIRD}\n\n{SECOND}",
        "image_credit": "Роман Ким",
        "source": "акимат области",
    }


@pytest.mark.parametrize(
    ("byline", "fields"),
    [
        ("", {}),
        ("Фото: МЧС\n", {"image_credit": "МЧС"}),
        ("Автор: Б. Нурланов, С. Ли\n", {"author": "Б. Нурланов, С. Ли"}),
        ("Асель Ким\nСобственный корреспондент\n", {"author": "Асель Ким", "author_role": "Собственный корреспондент"}),
        ("17.05.2024\nПросмотров: 7\n", {"published": "2024-05-17", "views": 7}),
        ("Б.Нурланов и Әсел Қожахметова\n", {"author": "Б.Нурланов и Әсел Қожахметова"}),
        ("2024-05-17 08:00\n", {"published": "2024-05-17 08:00"}),
        ("3 марта 2021 г.\n", {"published": "2021-03-03"}),
    ],
)
def test_each_part_of_a_byline_may_be_missing(byline: str, fields: dict[str, Any]) -> None:
    record = {name: value for name, value in read_plain(f"Заголовок\n{byline}{LEAD}\n{SECOND}").items() if value}
    expected = {"title": "Заголовок", "lead": LEAD, "text": SECOND, "source": "акимат области", **fields}
    assert record == expected


def test_the_page_that_the_project_began_with_is_read_right(tmp_path: Path) -> None:
    if not SEED.exists():
        pytest.skip("no real data")
    record = read(tmp_path, SEED.read_bytes(), "seed.txt")
    assert (record["views"], record["author_role"], record["source"]) == (4163, "специальный корреспондент", "МКИ")
    assert record["title"].startswith("Министры культуры")
    assert record["author"].endswith("Аменова")
    assert record["image_credit"].startswith("пресс-служба")
    assert record["lead"].endswith("МКИ")
    assert len(record["text"].split("\n\n")) == 5
    assert not {"Популярное", "Все", "Читайте", "Архив", "[[year]]"} & {*record["text"].split()}


# The newspaper's own pages, through the front door


def test_a_page_with_a_canonical_link_is_found(tmp_path: Path) -> None:
    door = Door(tmp_path)
    head = '<link rel="canonical" href="https://gazeta.example/news/1">'
    byline = "<time>17 мая 2024 г. 9:30</time><div class='article-author'><b>Дана Аменова</b><p>обозреватель</p></div>"
    door.write("pages/1.html", page(head, byline))
    door.take_in(tmp_path / "pages")
    address = "https://gazeta.example/news/1"
    assert door.found("тюльпаны", year=2024, month=5, day=17, author="Дана Аменова") == [address]
    article = door.article(address)
    assert (str(article.published), article.author_role) == ("2024-05-17 09:30:00+05:00", "обозреватель")


@pytest.mark.parametrize(
    ("byline", "published"),
    [
        ("<p>17 мая 2024 г. 9:30</p>", "2024-05-17 09:30:00+05:00"),
        ("<span>17.05.2024 09:30</span>", "2024-05-17 09:30:00+05:00"),
        ("<div>09:30, 17 мая 2024</div>", "2024-05-17 09:30:00+05:00"),
        ("<div>Пятница, 17 мая 2024 года</div>", "2024-05-17"),
        ("<b itemprop='datePublished' content='2024-05-17T04:30:00Z'>давно</b>", "2024-05-17 09:30:00+05:00"),
        ("<b itemprop='datePublished'>17.05.2024, 09:30</b>", "2024-05-17 09:30:00+05:00"),
        ("<time datetime='2024-05-17T20:30:00+00:00'>18.05.2024</time>", "2024-05-18 01:30:00+05:00"),
        (meta("article:published_time", "Fri, 17 May 2024 04:30:00 GMT"), "2024-05-17 09:30:00+05:00"),
        (meta("article:published_time", "2024-05-17T23:30:00-05:00") + "<p>17.05.2024</p>", "2024-05-17"),
        ("", "None"),
    ],
)
def test_a_date_is_read_as_newspapers_write_it_in_their_own_time(tmp_path: Path, byline: str, published: str) -> None:
    door = Door(tmp_path)
    door.write("pages/1.html", page(body=byline))
    door.take_in(tmp_path / "pages")
    assert str(door.article("1.html").published) == published


@pytest.mark.parametrize("name", ["1.html", "1.txt"])
def test_a_date_that_is_none_leaves_the_article_undated(tmp_path: Path, name: str) -> None:
    door = Door(tmp_path)
    told = page(meta("article:published_time", "32.13.2024")) if name == "1.html" else f"Степь\n31.02.2024\n{LEAD}\n"
    door.write(f"pages/{name}", told)
    ran = door.take_in(tmp_path / "pages")
    assert door.article(name).published is None
    assert "is no date; without a date" in ran.stderr


@pytest.mark.parametrize(
    ("byline", "author"),
    [
        ("<div class='post-author'>Автор: Дана Аменова</div>", "Дана Аменова"),
        ("<div class='byline'><span>Текст:</span><a>Дана Аменова</a></div>", "Дана Аменова"),
        ("<a rel='author'>Дана Аменова</a>", "Дана Аменова"),
        ("<div itemprop='author'><span itemprop='name'>Дана Аменова</span><i itemprop='jobTitle'>редактор</i></div>", "Дана Аменова"),
        ("<p>Автор: Дана АМЕНОВА</p>", "Дана Аменова"),
        ("<div class='photo-author'>Фото Аскара Ахметуллина</div>", ""),
        ("<div class='author'>Войти</div>", ""),
        ("<div class='authors'>Авторы 12345</div>", ""),
        (meta("author", "Вестник") + meta("og:site_name", "Вестник"), ""),
        (meta("article:author", "https://social.example/dana"), ""),
        ("", ""),
    ],
)  # fmt: skip
def test_an_author_is_a_name_and_nothing_else_is(tmp_path: Path, byline: str, author: str) -> None:
    door = Door(tmp_path)
    door.write("pages/1.html", page(body=byline))
    door.take_in(tmp_path / "pages")
    assert door.article("1.html").author == author


def test_the_name_of_the_site_is_no_part_of_a_headline(tmp_path: Path) -> None:
    door = Door(tmp_path)
    for number in range(12):
        title = f"Паводок {number} пришёл ночью - Степной вестник"
        logo = "<h1>Степной вестник</h1>"
        door.write(f"pages/{number}.html", page(meta("description", "Газета степи"), title=title, heading=logo))
    door.take_in(tmp_path / "pages")
    assert {door.article(f"{number}.html").title for number in range(12)} == {
        f"Паводок {number} пришёл ночью" for number in range(12)
    }
    assert door.article("3.html").lead == ""


@pytest.mark.parametrize(
    ("title", "body"),
    [
        (
            "Тюльпаны этой весны | Степной вестник",
            "<header><a href=/>Степной вестник</a></header><article>{}</article>",
        ),
        ("Степной вестник — новости края", "<header><a href=/>Степной вестник</a></header>{}"),
        ("Степной вестник", "<p><a href='https://gazeta.example'>Степной  вестник</a></p>{}"),
        ("Читайте свежие известия сегодня", "<header><a href=/>Степной вестник</a></header><main>{}</main>"),
        ("Степной вестник", "<h1><a href=/>Степной вестник</a></h1><div><article>{}</article></div>"),
        ("Степь - Степной вестник", "<a href=/><img src=logo.png></a>{}"),
    ],
)
def test_the_heading_of_an_article_is_its_headline(tmp_path: Path, title: str, body: str) -> None:
    door = Door(tmp_path)
    own = f"<h1>Распустились первоцветы, степь ожила</h1><p>{LEAD}</p><p>{SECOND}</p>"
    door.write("pages/1.html", f"<html><head><title>{title}</title></head><body>{body.format(own)}</body></html>")
    door.take_in(tmp_path / "pages")
    assert door.article("1.html").title == "Распустились первоцветы, степь ожила"


def test_who_looks_at_some_pages_of_many_sees_no_error(tmp_path: Path) -> None:
    for number in range(200):
        Door(tmp_path).write(
            f"pages/{number}.html", page(title=f"Новость {number}", heading=f"<h1>Новость {number}</h1>")
        )
    command = [sys.executable, "-m", "indexer", "try", "--rows", "1", str(tmp_path / "pages")]
    tried = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (tried.returncode, tried.stderr) == (0, "")


def test_a_brief_of_one_paragraph_is_an_article(tmp_path: Path) -> None:
    door = Door(tmp_path)
    door.write(
        "pages/1.html", f"<html><head><title>Коротко</title></head><body><h1>Коротко</h1><p>{LEAD}</p></body></html>"
    )
    door.take_in(tmp_path / "pages")
    assert door.found("тюльпаны") == ["1.html"]


def test_a_page_laid_out_in_tables_gives_its_article(tmp_path: Path) -> None:
    door = Door(tmp_path)
    menu = "".join(f"<a href=/{number}>Рубрика {number}</a><br>" for number in range(9))
    body = (
        f"<table><tr><td>{menu}</td><td><font size=4>Степь зацвела</font><br>17.05.2008 Прочитано: 41<br><br>{LEAD}<br><br>"
        f"{SECOND}<br><br>{THIRD}<br><br><i>Дана АМЕНОВА</i><br><i>Фото Аскара АХМЕТУЛЛИНА</i></td></tr></table>"
    )
    door.write("pages/1.html", f"<html><head><title>Вестник : Степь зацвела</title></head><body>{body}</body></html>")
    door.take_in(tmp_path / "pages")
    article = door.article("1.html")
    assert article.text == f"{LEAD}\n\n{SECOND}\n\n{THIRD}"
    assert (article.title, str(article.published), article.views) == ("Степь зацвела", "2008-05-17", 41)
    assert (article.author, article.image_credit) == ("Дана Аменова", "Аскар Ахметуллин")


OWN = """<html><head><title>Вестник</title></head><body><h1>Вестник</h1><div class="n">
<b class="t">Степь зацвела</b><i class="d">05/17/24 9.30</i><p class="a">Дана Аменова<br>Просмотров: 41</p>
<div class="x">Первый абзац о степи.<br><br>Второй абзац о ней.<div class="ad">Купите слона</div></div></div></body></html>"""


def test_the_selectors_of_the_newspaper_go_before_all_guesses(tmp_path: Path) -> None:
    door = Door(tmp_path)
    door.write("pages/1.html", OWN)
    door.write(
        "arkhiv.toml",
        '[pages]\ntitle = ["h9", "b.t"]\npublished = ".d"\ndate_format = "%m/%d/%y %H.%M"\nauthor = ".a"\nviews = ".a"\n'
        'text = ".x"\nleave_out = [".ad", ".gone"]\nsection = ".nowhere"\n',
    )
    ran = door.take_in(tmp_path / "pages")
    article = door.article("1.html")
    assert (article.title, article.text) == ("Степь зацвела", "Первый абзац о степи.\n\nВторой абзац о ней.")
    assert (str(article.published), article.author, article.views) == ("2024-05-17 09:30:00+05:00", "Дана Аменова", 41)
    useless = [line for line in ran.stderr.splitlines() if "found nothing in this page" in line]
    assert [line.split("selector ")[1].split(" of")[0] for line in useless] == ["'.gone'", "'.nowhere'", "'h9'"]
    assert "1 unchanged" in door.take_in(tmp_path / "pages").stdout
    door.write("arkhiv.toml", '[pages]\ntitle = "b.t"\ntext = ".x"\n')
    assert "1 indexed" in door.take_in(tmp_path / "pages").stdout, "another template reads the pages anew"
    assert "слона" in door.article("1.html").text


def test_what_is_to_be_left_out_needs_no_selector_of_the_text(tmp_path: Path) -> None:
    door = Door(tmp_path)
    banner = "<p class='x7'>Нашу газету читают от Атырау до Алтая, её каждый день возят и в юрты.</p>"
    door.write("pages/1.html", page('<meta id="number" content="Н-17"><meta name="src" content="КазТАГ">', banner))
    door.take_in(tmp_path / "pages")
    assert "юрты" in door.article("1.html").lead + door.article("1.html").text
    door.write("arkhiv.toml", '[pages]\nleave_out = ".x7"\nid = "#number"\nsource = "[name=src]"\n')
    door.take_in("--allow-shrink", tmp_path / "pages")
    article = door.article("Н-17")
    assert article.text == f"{LEAD}\n\n{SECOND}\n\n{THIRD}"
    assert article.source == "КазТАГ"


def test_a_selector_that_is_none_stops_before_anything_is_read(tmp_path: Path) -> None:
    door = Door(tmp_path)
    door.write("pages/1.html", OWN)
    door.write("arkhiv.toml", '[pages]\ntitle = "h1[["\n')
    ran = door.take_in(tmp_path / "pages", code=2)
    assert "pages: title: 'h1[[' is no CSS selector" in ran.stderr


def test_trying_a_page_shows_what_becomes_which_field(tmp_path: Path) -> None:
    door = Door(tmp_path)
    one = door.write("1.html", OWN)
    door.write("arkhiv.toml", '[pages]\ntitle = "b.t"\n')
    lines = [" ".join(line.split()) for line in door.run("try", one).stdout.splitlines()]
    assert f"{one}: an article" in lines
    assert "title Степь зацвела ← b.t" in lines
    told = json.loads(door.run("try", "--json", one).stdout)
    assert (told["fields"]["title"], told["places"]["title"]) == ("Степь зацвела", "b.t")
    export = door.write("export.jsonl", '{"id": "1", "title": "а", "text": "<p>б</p>"}\n{"id": 2}\n{}\n')
    shown = door.run("try", "--rows", "2", export).stdout
    assert "text: looks like HTML" in shown
    assert "export.jsonl:2: no article" in shown
    assert "export.jsonl:3" not in shown
    assert not (tmp_path / "index").exists()


@pytest.mark.parametrize(
    "hostile",
    [
        "<div>" * 10_000 + "а",
        "<time datetime='2024-05-17'>17.05.2024</time>" * 1_000,
        "<!DOCTYPE html [<!ENTITY a 'ха'><!ENTITY b '&a;&a;&a;'>]><p>&b;&b;&b;</p>",
        "<p>" + "слово " * 2_000_000,
        "<table>" * 500 + "<br>" * 500,
        "<a href='" + "x" * 1_000_000,
        '<script type="application/ld+json">' + '{"@graph": [' * 20_000,
        '<script type="application/ld+json">{"@type": "Article", "@id": "a", "author": {"@id": "a"}}</script>',
        "<div class='author'>" * 3_000,
    ],
    ids=["deep", "times", "entities", "16 MB", "tables", "attribute", "graph", "itself", "authors"],
)
def test_a_hostile_page_costs_itself_alone(tmp_path: Path, hostile: str) -> None:
    door = Door(tmp_path)
    door.write("pages/1.html", hostile[: MAX_PAGE // 2])
    door.write("pages/2.html", page())
    began = time.monotonic()
    ran = door.run("rebuild", tmp_path / "pages", code=None)
    assert ran.exit_code in {0, 3}
    assert "2.html" in door.found("тюльпаны")
    assert time.monotonic() - began < 60


def test_a_reader_that_dies_costs_the_page_it_died_at(tmp_path: Path) -> None:
    door = Door(tmp_path)
    for number in range(3):
        door.write(f"pages/{number}.html", page())
    rows = open_source(str(tmp_path / "pages")).rows()
    first = next(rows)
    children = {
        int(child) for task in Path("/proc/self/task").iterdir() for child in (task / "children").read_text().split()
    }
    (reader,) = (child for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes())
    os.kill(reader, signal.SIGKILL)
    second, third = rows
    assert isinstance(first.record, dict)
    # It reads some pages ahead: when it is killed, it is at the second one, or the third, or through.
    lost = [row for row in (second, third) if isinstance(row.record, Unreadable)]
    assert len(lost) <= 1
    assert all(isinstance(row.record, dict) for row in (second, third) if row not in lost)


def test_pages_are_read_beside_thousands_of_open_files(tmp_path: Path) -> None:
    door = Door(tmp_path)
    door.write("pages/1.html", page())
    with ExitStack() as held:
        files = [held.enter_context(Path(os.devnull).open()) for _ in range(1100)]
        assert max(file.fileno() for file in files) > 1024
        door.take_in(tmp_path / "pages")
    assert door.found("тюльпаны") == ["1.html"]


# What people tried

WATER = "Вода в Урале прибывает. Мы следим за событиями с самого утра и сообщаем подробности."
RIVER = "Река в Урале прибывает. Мы следим за событиями с самого утра и сообщаем подробности."


def taken(tmp_path: Path, body: str, head: str = "<title>Мост</title>", name: str = "1.html") -> Article:
    """The article of a page that was published."""
    door = Door(tmp_path)
    content = body if name.endswith(".txt") else f"<html><head>{head}</head><body>{body}</body></html>"
    door.write(f"pages/{name}", content)
    door.take_in(tmp_path / "pages")
    return door.article(name)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<h1>Мост</h1><p>Болат Каримов вернулся в Караганду в 1999 году.</p>", {"published": "None"}),
        ("<h1>Мост</h1><div>Опубликовано 01.01.2007</div><p>Болат Каримов вернулся в Караганду.</p>", {"published": "2007-01-01"}),
        (f"<h1>Мост</h1><div>17.05.2024 09:30 Просмотров: 4163</div><p>{WATER}</p>", {"views": 4163, "published": "2024-05-17 09:30:00+05:00"}),
        (f"<h1>Мост</h1><div>17.05.2024 Просмотров: 4163</div><p>{WATER}</p>", {"views": 4163, "published": "2024-05-17"}),
        (f"<h1>Мост</h1><div>Комментариев: 12 Просмотров: 4163</div><p>{WATER}</p>", {"views": 4163}),
        (f"<h1>Мост</h1><div>Количество показов: 2317</div><p>{WATER}</p>", {"views": 2317}),
        (f"<h1>Мост</h1><p>{WATER}</p><p>{RIVER}</p><p>Ролик Болата за неделю набрал в сети более 120000 просмотров.</p>", {"views": 0, "text": f"{WATER}\n\n{RIVER}\n\nРолик Болата за неделю набрал в сети более 120000 просмотров."}),
        (f"<h1>Мост</h1><p>{WATER}</p><p>{RIVER}</p><p>Болат родился 5 мая 1961 года.</p>", {"published": "None"}),
        (f"<h1>Мост</h1><p>{WATER}</p><p>{RIVER}</p><div class='c1'><b>Вася</b> <span>04.04.2019 08:11</span><p>Ну и ну!</p></div>", {"published": "None"}),
        (f"<h1>Мост</h1><p>{WATER}</p><p>{RIVER}</p><div><a href=/1>Хлеб подорожал</a> 01.02.2020</div>", {"published": "None"}),
        ("<header>Сегодня 25.11.2025</header><article><h1>Мост</h1><p class='date'>12 апреля 2024, 07:00</p><div><p>Вода в Урале прибывает. Мы следим за ней.</p></div><div><p>Дамба в посёлке устояла, сообщили спасатели.</p></div></article>", {"published": "2024-04-12 07:00:00+05:00"}),
        ("<h1>Свет отключат</h1><p>12.04.2024 07:00</p><p>Завтра в трёх районах не будет света.</p>", {"published": "2024-04-12 07:00:00+05:00"}),
        (f"<h1>Мост</h1><p>Автор: Пётр Самойлов | 17 мая 2024 г. 9:30 | Просмотров: 4 163 | Фото: Иван Белов</p><p>{WATER}</p>", {"author": "Пётр Самойлов", "published": "2024-05-17 09:30:00+05:00", "views": 4163, "image_credit": "Иван Белов", "text": WATER}),
        (f"<h1>Мост</h1><p>Общество | 17 мая 2024 г. 9:30 | Комментариев: 12 | Версия для печати | Поделиться</p><p>{WATER}</p>", {"published": "2024-05-17 09:30:00+05:00", "text": WATER}),
        (f"<h1>Мост</h1><p>{WATER}</p><p>Читайте также:</p><p><a href='/1'>Хлеб подорожал</a></p><p>Почему же мост, который строили три года и на который потратили миллиарды, опять закрыли?</p><p>– Никто не знает!</p>", {"text": f"{WATER}\n\nПочему же мост, который строили три года и на который потратили миллиарды, опять закрыли?\n\n– Никто не знает!"}),
        (f"<h1>Мост</h1><p>Вот что нам сказали:</p><p>{WATER}</p>", {"text": f"Вот что нам сказали:\n\n{WATER}"}),
        (f"<article><h1>Мост через Урал<br>открыли раньше срока</h1><p>{WATER}</p><p>{RIVER}</p></article>", {"title": "Мост через Урал открыли раньше срока", "text": f"{WATER}\n\n{RIVER}"}),
        (f"<h1>Мост</h1><p>31.02.2006</p><p>{WATER}</p>", {"published": "None"}),
        (f"<h1>Мост</h1><p>Обновлено: 18.05.2024 10:00. Опубликовано: 17.05.2024 09:00</p><p>{WATER}</p>", {"published": "2024-05-17 09:00:00+05:00", "text": WATER}),
        (f"<h1>Мост</h1><p>2024 жылғы 17 мамыр, 09:30</p><p>{WATER}</p>", {"published": "2024-05-17 09:30:00+05:00"}),
        (f"<h1>Мост</h1><figure><img src=1><figcaption>Команда с роботом. Фото: Ерлан Конысов</figcaption></figure><p>{WATER}</p>", {"image_credit": "Ерлан Конысов"}),
        (f"<h1>Мост</h1><span itemprop='keywords'>аптеки, Павлодар</span><a rel='category tag' href='/g'>Город</a><p>{WATER}</p>", {"tags": ("аптеки", "Павлодар"), "section": "Город"}),
        (f"<h1>Мост</h1><div class='author'>Пётр Самойлов, собственный корреспондент</div><p>{WATER}</p>", {"author": "Пётр Самойлов", "author_role": "собственный корреспондент"}),
        (f"<h1>Мост</h1><p>{WATER}</p><p>Пётр САМОЙЛОВ, собственный корреспондент</p>", {"author": "Пётр Самойлов", "author_role": "собственный корреспондент", "text": WATER}),
        (f"<h1>Мост</h1><p>{WATER}</p><p>Марина ЛЬВОВА, Кайрат АБЕНОВ</p>", {"author": "Марина Львова, Кайрат Абенов", "text": WATER}),
        (f"<h1>Мост</h1><p>{WATER}</p><p>Беседовали Марина ЛЬВОВА и Кайрат АБЕНОВ</p>", {"author": "Марина Львова и Кайрат Абенов", "text": WATER}),
        (f"<h1>Мост</h1><p>{WATER}</p><p>Әсел Нұрланқызы</p>", {"author": "Әсел Нұрланқызы", "text": WATER}),
    ],
)  # fmt: skip
def test_what_stands_around_a_text_is_told_from_it(tmp_path: Path, body: str, expected: dict[str, Any]) -> None:
    article = taken(tmp_path, body)
    found = {name: getattr(article, name) for name in expected}
    if "published" in found:
        found["published"] = str(found["published"])
    if "text" in found:
        found["text"] = "\n\n".join(filter(None, (article.lead, article.text)))
    assert found == expected


def test_a_headline_with_a_dash_in_it_stays_whole(tmp_path: Path) -> None:
    head = "<title>Вода - это жизнь - Арал тынысы</title>"
    assert taken(tmp_path, f"<p>{WATER}</p>", head).title == "Вода - это жизнь"
    assert taken(tmp_path / "seen", f"<div>Вода - это жизнь</div><p>{WATER}</p>", head).title == "Вода - это жизнь"


@pytest.mark.parametrize("said", ['"description": "а\nб"', '"keywords": ["вода",]'])
def test_json_ld_as_templates_leave_it_is_read(tmp_path: Path, said: str) -> None:
    data = f'<script type="application/ld+json">{{"@type": "NewsArticle", {said}, "author": {{"name": "Иван Петров"}},}}</script>'
    assert taken(tmp_path, f"<h1>Мост</h1><p>{WATER}</p>", data).author == "Иван Петров"


def test_a_byline_of_a_page_of_text_may_stand_in_one_line(tmp_path: Path) -> None:
    article = taken(
        tmp_path,
        f"Мост\n17.05.2024 09:30 Просмотров: 4163\nИван Дроздов, собственный корреспондент\n{WATER}\n{RIVER}",
        name="1.txt",
    )
    assert (str(article.published), article.views) == ("2024-05-17 09:30:00+05:00", 4163)
    assert (article.author, article.author_role) == ("Иван Дроздов", "собственный корреспондент")
    assert (article.lead, article.text) == (WATER, RIVER)


def test_short_sentences_after_a_heading_like_a_block_are_kept(tmp_path: Path) -> None:
    article = taken(
        tmp_path,
        "Снег засыпал трассу\n17 января 2011 года, 7:45\nНа трассе застряли машины.\nАрхив\nЭто слово написано на двери.\nКлюч потеряли дети.",
        name="1.txt",
    )
    assert article.text == "Архив\n\nЭто слово написано на двери.\n\nКлюч потеряли дети."


def test_a_format_of_dates_that_is_none_is_refused(tmp_path: Path) -> None:
    door = Door(tmp_path)
    door.write("pages/1.html", page())
    door.write("arkhiv.toml", '[pages]\npublished = ".d"\ndate_format = "%Q"\n')
    assert "pages: date_format: '%Q' is no format of a date" in door.take_in(tmp_path / "pages", code=2).stderr


def test_the_sources_of_the_settings_can_be_tried(tmp_path: Path) -> None:
    door = Door(tmp_path)
    export = door.write("export.jsonl", '{"id": "1", "title": "а", "text": "<p>б</p>"}')
    door.write("arkhiv.toml", f'sources = [{{path = "{export}", html = ["text"]}}]')
    for arguments in ([], [export]):
        shown = door.run("try", *arguments).stdout
        assert "HTML" not in shown
        assert " б\n" in shown
