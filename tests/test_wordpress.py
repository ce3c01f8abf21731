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


def item(number: int = 17, **changed: str) -> str:
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
    return "<item>" + "".join(f"<{name}>{value}</{name}>\n" for name, value in fields.items()) + extra + "</item>\n"


def test_a_published_post_comes_in_with_all_its_fields(tmp_path: Path) -> None:
    door = Door(tmp_path)
    drafts = (
        item(18, wp_status="draft"),
        item(19, wp_post_type="page"),
        item(20, wp_post_type="attachment"),
        item(21, wp_post_password="x"),
    )
    door.take_in(door.write("export.xml", HEAD + "".join(drafts) + item() + TAIL))
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


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ((HEAD + item() + item(18))[:-200], "export.xml.*: is no whole export of WordPress"),
        (HEAD + TAIL, "export.xml: holds no published post of WordPress"),
        ("<rss/>", "export.xml: holds no published post"),
        ("", "export.xml.*: is no whole export"),
        ("нет", "export.xml.*: is no whole export"),
    ],
)
def test_a_file_that_is_no_whole_export_publishes_nothing(tmp_path: Path, content: str, told: str) -> None:
    door = Door(tmp_path)
    door.take_in(door.write("good.xml", HEAD + item(5) + TAIL))
    ran = door.take_in(door.write("export.xml", content), code=1)
    assert re.search(told, ran.stderr)
    assert door.found() == ["5"]


def test_entities_that_expand_without_end_end_the_reading(tmp_path: Path) -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    doctype = f'<!DOCTYPE rss [<!ENTITY l0 "ха">{laughs}<!ENTITY f SYSTEM "file://{tmp_path}/secret">]>'
    door = Door(tmp_path)
    door.write("secret", "тайна")
    head = HEAD.replace("<rss", f"{doctype}<rss", 1)
    source = door.write("bomb.xml", head + item(title="а&l11;") + TAIL)
    tracemalloc.start()
    assert "bomb.xml:1: is no whole export of WordPress: Maximum entity" in door.take_in(source, code=1).stderr
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 20_000_000
    door.take_in(door.write("other.xml", head + item(title="а&f;б") + TAIL))
    assert door.article("17").title == "а&f;б"


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
