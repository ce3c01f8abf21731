"""The export of WordPress: its published posts, as readers of the archive find them."""

# ruff: noqa: E501  # statements and documents as they are
from __future__ import annotations

import re
import resource
import tracemalloc
from pathlib import Path

import pytest

from indexer.sources import open_source
from tests.door import Door

HEAD = """<?xml version="1.0" encoding="UTF-8" ?>
<!-- generator="WordPress/6.5" -->
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:wp="http://wordpress.org/export/1.2/"><channel><title>Степной вестник</title>
<wp:author><wp:author_id>1</wp:author_id><wp:author_login>dana</wp:author_login>
<wp:author_display_name><![CDATA[Дана Аменова]]></wp:author_display_name></wp:author>
"""
TAIL = "</channel></rss>"


def item(number: int = 17, more: str = "", **changed: str) -> str:
    fields = {
        "title": "Степь &amp;#171;зацвела&amp;#187;",
        "link": f"https://gazeta.example/{number}/",
        "dc:creator": "<![CDATA[dana]]>",
        "content:encoded": "<![CDATA[<!-- wp:paragraph --><p>Тюльпаны <b>раскрылись</b>.</p>\n\n[gallery ids='1']Маки тоже.]]>",
        "excerpt:encoded": "<![CDATA[Весна пришла рано.]]>",
        "wp:post_id": str(number),
        "wp:post_date": "2024-05-17 09:30:00",
        "wp:post_date_gmt": "2024-05-17 04:30:00",
        "wp:post_modified_gmt": "2024-05-18 01:00:00",
        "wp:status": "publish",
        "wp:post_type": "post",
    } | {name.replace("_", ":", 1): value for name, value in changed.items()}
    extra = (
        '<category domain="post_tag" nicename="v"><![CDATA[весна]]></category>'
        '<category domain="category" nicename="o"><![CDATA[Общество]]></category>'
        "<wp:postmeta><wp:meta_key>_edit_lock</wp:meta_key><wp:meta_value>1:1</wp:meta_value></wp:postmeta>"
        "<wp:postmeta><wp:meta_key>post_views_count</wp:meta_key><wp:meta_value>4163</wp:meta_value></wp:postmeta>"
    )
    return (
        "<item>" + "".join(f"<{name}>{value}</{name}>\n" for name, value in fields.items()) + extra + more + "</item>\n"
    )


def test_a_published_post_comes_in_with_all_its_fields(tmp_path: Path) -> None:
    door = Door(tmp_path)
    drafts = (
        item(18, wp_status="draft"),
        item(19, wp_post_type="page"),
        item(20, wp_post_type="attachment"),
        item(21, wp_post_password="x"),
    )
    ran = door.take_in(door.write("export.xml", HEAD + "".join(drafts) + item() + TAIL))
    assert "export.xml: no articles, and passed over: 1 draft, 1 page, 1 attachment, 1 with a password" in ran.stdout
    assert door.found() == door.found("маки") == door.found("тюльпан", author="Дана Аменова") == ["17"]
    article = door.article("17")
    assert article.title == "Степь «зацвела»"
    assert article.text == "Тюльпаны раскрылись.\n\nМаки тоже."
    assert (article.lead, article.section, article.tags) == ("Весна пришла рано.", "Общество", ("весна",))
    assert (article.url, article.views) == ("https://gazeta.example/17/", 4163)
    assert str(article.published) == "2024-05-17 09:30:00+05:00"
    assert article.updated == "2024-05-18T06:00:00+05:00"


@pytest.mark.parametrize(
    ("changed", "field", "value"),
    [
        ({"wp_post_date_gmt": "0000-00-00 00:00:00"}, "published", "2024-05-17 09:30:00+05:00"),
        ({"wp_post_date_gmt": "", "wp_post_date": "0000-00-00 00:00:00"}, "published", "None"),
        ({"dc_creator": "aset"}, "author", "aset"),
        ({"title": "Степь \x0b\x1f зацвела"}, "title", "Степь зацвела"),
    ],
)
def test_what_a_post_lacks_or_has_odd_is_made_do_with(
    tmp_path: Path, changed: dict[str, str], field: str, value: str
) -> None:
    door = Door(tmp_path)
    door.take_in(door.write("export.xml", HEAD + item(**changed) + TAIL))
    assert str(getattr(door.article("17"), field)) == value


def test_a_root_that_ends_at_once_rejects_its_posts_by_name(tmp_path: Path) -> None:
    head = HEAD.replace('/1.2/"><channel>', '/1.2/"/><channel>')
    ran = Door(tmp_path).run("try", Door(tmp_path).write("export.xml", head + item() + TAIL), code=None)
    assert "is no XML: " in ran.output


def test_words_of_a_post_mean_the_same_in_capitals_and_what_is_not_read_is_counted(tmp_path: Path) -> None:
    meta = "<wp:postmeta><wp:meta_key>{}</wp:meta_key><wp:meta_value>{}</wp:meta_value></wp:postmeta>".format
    more = (
        '<category domain=" Post_Tag">R&amp;amp;amp;D</category><category domain="region">Алматы</category>'
        "<wp:comment><wp:comment_content>Ура</wp:comment_content></wp:comment>"
    )
    posts = (
        item(1, more + meta("_thumbnail_id", "9") + meta("rank_math_robots", '{s:7:"noindex";}'), wp_status="Publish")
        + item(2, wp_status="").replace("Общество", "без рубрики")
        + item(3, wp_post_type=" POST ").replace("4163", "много")
        + item(9, "<wp:attachment_url>https://gazeta.example/i.jpg</wp:attachment_url>", wp_post_type="Attachment")
    )
    door = Door(tmp_path)
    ran = door.take_in(door.write("export.xml", HEAD + posts + TAIL))
    assert sorted(door.found()) == ["1", "3"]
    article = door.article("1")
    assert (article.tags, article.image, article.noindex) == (("весна", "R&D"), "https://gazeta.example/i.jpg", True)
    for count in ("1 without a status", "1 attachment", "1 comment", "1 term of 'region'"):
        assert count in ran.stdout
    assert "views: 'много' is not a whole number" in ran.stderr


def test_a_post_that_is_no_xml_is_rejected_alone(tmp_path: Path) -> None:
    odd: dict[str, str | bytes] = {
        "a cut byte": b"\xd0",
        "a broken tag": "</titel>",
        "an element without an end": "<b>",
        "CDATA without an end": "<![CDATA[а",
        "no attribute": '<category domain="category nicename="o">а</category>',
        "an unknown prefix": "<media:content/>",
    }
    mended = {
        "&#x1F;": "",
        "&#8;": "",
        "\ufffe": "\ufffd",
        "&#xFFFE;": "",
        b"\xed\xa0\xbd": "\ufffd",
        "&#xD83D;": "\ufffd",
        "а&nbsp;&mdash;": "а —",
        "Труд & капитал": "Труд & капитал",
        "?a=1&b=2;&nosuch;": "?a=1&b=2;&nosuch;",
        "\x08": "",
        "а ]]> б": "а ]]> б",
        "<![CDATA[&laquo;<item>а</item> & б]]>": "«а & б",
        "\x00": "",
    }
    numbers = iter(range(100, 200))
    posts = [
        item(next(numbers), title="ТУТ.")
        .encode()
        .replace("ТУТ".encode(), put.encode() if isinstance(put, str) else put)
        for put in (*odd.values(), *mended)
    ]
    # Where an item does not end, the next one begins all the same.
    unclosed = item(98).replace("</item>", "").encode()
    door = Door(tmp_path)
    # A blank line before the declaration is no obstacle.
    source = door.write(
        "export.xml", b"\n" + HEAD.encode() + unclosed + b"".join(posts) + item(17).encode() + TAIL.encode()
    )
    ran = door.take_in(source, code=3)
    assert sorted(door.found()) == sorted(["17", *(str(100 + n) for n in range(len(odd), len(posts)))])
    assert [door.article(str(106 + n)).title for n in range(len(mended))] == [f"{title}." for title in mended.values()]
    reasons = [line for line in ran.stderr.splitlines() if "export.xml:" in line]
    assert len(reasons) == len(odd) + 1
    assert all(re.search(r"export\.xml:\d+: is no XML: .*[a-zA-Z]", line) for line in reasons)
    text = source.read_text(errors="replace").splitlines()
    assert "\ufffd" in text[int(reasons[1].split(":")[1]) - 1]
    assert "titel" in text[int(reasons[2].split(":")[1]) - 1]


def test_names_authors_and_dates_are_what_readers_know(tmp_path: Path) -> None:
    def term(domain: str, nicename: str, name: str) -> str:
        return f'<category domain="{domain}" nicename="{nicename}"><![CDATA[{name}]]></category>'

    def meta(name: str, value: str) -> str:
        return f"<wp:postmeta><wp:meta_key>{name}</wp:meta_key><wp:meta_value><![CDATA[{value}]]></wp:meta_value></wp:postmeta>"

    aset = (
        "<wp:author><wp:author_login>aset</wp:author_login><wp:author_display_name/><wp:author_first_name>Асет"
        "</wp:author_first_name><wp:author_last_name>Ким</wp:author_last_name></wp:author>"
        "<wp:category><wp:term_id>5</wp:term_id><wp:cat_name>Степь</wp:cat_name></wp:category>"
    )
    nowhere = {"wp_post_date_gmt": "-0001-11-30 00:00:00", "wp_post_date": "-0001-11-30 00:00:00"}
    labour = term("category", "t", "Труд &amp; капитал")
    plain = item(
        1, labour + meta("views", "1 234"), dc_creator="aset", **nowhere, pubDate="Fri, 17 May 2024 04:30:00 +0000"
    )
    names = (
        *(term("category", "s", "Степь"), term("tag", "v", "село"), meta("_yoast_wpseo_primary_category", "5")),
        *(term("post_tag", "l", "L&#039;Oreal"), term("post_tag", "r", "R&D; A&B")),
        *(term("author", "cap-petr", "petr"), term("author", "cap-dana", "dana"), term("author", "cap-k", "К.")),
    )
    none = (
        "nav_menu_item",
        "wp_block",
        "elementor_library",
        "acf-field",
        "guest_author",
        "et_pb_layout",
        "wpcf7_contact_form",
    )
    door = Door(tmp_path)
    posts = [
        plain.replace("Общество", "Без рубрики"),
        item(2, "".join(names), **nowhere, pubDate="Thu, 30 Nov -0001 00:00:00 +0000").replace(
            "Общество", "Uncategorized"
        ),
        item(
            3, meta("cap-display_name", "Пётр &amp; Ли") + meta("cap-user_login", "petr"), wp_post_type="guest-author"
        ),
        *(item(4, wp_post_type="news"), item(5, wp_post_type="news"), item(6, wp_post_type="news", content_encoded="")),
        item(20, content_encoded="", excerpt_encoded=""),
        *(item(7 + n, wp_post_type=kind) for n, kind in enumerate(none)),
    ]
    ran = door.take_in(
        door.write("export.xml", HEAD.replace("<wp:author>", aset + "<wp:author>") + "".join(posts) + TAIL)
    )
    assert sorted(door.found()) == ["1", "2", "20", "4", "5", "6"]  # the last has a lead alone
    one, two = door.article("1"), door.article("2")
    assert (one.author, one.section, one.tags, one.views) == ("Асет Ким", "Труд & капитал", ("весна",), 1234)
    assert str(one.published) == "2024-05-17 09:30:00+05:00"
    assert (two.author, two.published, two.section) == ("Пётр & Ли, Дана Аменова, К.", None, "Степь")
    assert two.tags == ("весна", "село", "L'Oreal", "R&D; A&B")
    assert ran.stderr.count("warning: ") == 3
    assert "text: empty; what a page builder keeps elsewhere is not read (said once)" in ran.stderr
    assert "published: no date" in ran.stderr
    assert "a post of the type 'news'; all of them come in (said once)" in ran.stderr


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ((HEAD + item() + item(18))[:-200], "export.xml:.*: is no whole export of WordPress"),
        (HEAD + item() + item(18), "export.xml:.*: is no whole export of WordPress"),
        (HEAD + TAIL, "export.xml: holds no post of WordPress"),
        (HEAD + item(wp_post_type="attachment") + TAIL, "warning: .*export.xml: holds no published post of WordPress"),
        ("<rss/>", "export.xml:1: is no whole export"),
        ("", "export.xml:1: is no whole export"),
        ("нет", "export.xml:1: is no whole export"),
        ((HEAD + item() + TAIL).encode("utf-16"), "export.xml:.*: is no whole export"),
    ],
)
def test_a_file_that_is_no_whole_export_publishes_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: str | bytes, told: str
) -> None:
    door = Door(tmp_path)
    door.take_in(door.write("good.xml", HEAD + item(5) + TAIL))
    ran = door.take_in(door.write("export.xml", content), code=1)
    assert re.search(told, ran.stderr + caplog.text)
    assert door.found() == ["5"]


def test_a_part_of_an_export_with_pictures_only_is_no_obstacle(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    door = Door(tmp_path)
    pictures = door.write("pictures.xml", HEAD + item(wp_post_type="attachment") + TAIL)
    door.take_in(pictures, door.write("export.xml", HEAD + item(5) + TAIL))
    assert "pictures.xml: holds no published post of WordPress" in caplog.text
    assert door.found() == ["5"]


def test_an_export_in_another_encoding_is_read_as_it_declares(tmp_path: Path) -> None:
    door = Door(tmp_path)
    content = (HEAD + item(title="Степь & №") + TAIL).replace("UTF-8", "windows-1251").encode("cp1251")
    door.take_in(door.write("export.xml", content))
    assert door.article("17").title == "Степь & №"


def test_entities_of_a_document_are_not_expanded(tmp_path: Path) -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    doctype = f'<!DOCTYPE rss [<!ENTITY l0 "ха">{laughs}<!ENTITY f SYSTEM "file://{tmp_path}/secret">]>'
    door = Door(tmp_path)
    door.write("secret", "тайна")
    head = HEAD.replace("<rss", f"{doctype}<rss", 1).replace("Дана", "]]>&l11;&f;<![CDATA[")
    source = door.write("bomb.xml", head + item(title="а&l11;&f;б") + TAIL)
    tracemalloc.start()
    door.take_in(source)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 20_000_000
    assert door.article("17").title == "а&l11;&f;б"
    assert door.article("17").author == "&l11;&f; Аменова"


def test_a_large_export_is_read_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "export.xml"
    with path.open("w", encoding="utf-8") as out:
        out.write(HEAD)
        for number in range(20_000):
            out.write(item(number, content_encoded="<![CDATA[" + "текст " * 500 + "]]>"))
        out.write(TAIL)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert sum(1 for _ in open_source(str(path)).rows()) == 20_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000
