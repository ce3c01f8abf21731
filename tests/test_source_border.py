"""Whatever a source holds, a run ends in words: each record comes in or is named, none is lost and nothing is raised.

Records, pages and exports of WordPress that are right are damaged at random places.
"""

from __future__ import annotations

import json
import os
import random
import re
from pathlib import Path
from typing import Any

import pytest

from tests.door import Door
from tests.test_page_kinds import KINDS
from tests.test_wordpress import HEAD, TAIL, item

# ARKHIV_TEST_RECORDS=N damages so many records, a twentieth as many pages, and a fortieth as many exports instead.
RECORDS = int(os.environ.get("ARKHIV_TEST_RECORDS") or 1_000)
SEED = int(os.environ.get("ARKHIV_TEST_SEED") or 1)
VALUES: list[Any] = [
    None, True, 0, -1, 1e308, 10**30, "", "а", "\ud800", "\0", [], [None], [["а"]], {}, {"а": 1}, "<p>x</p>",
    "x" * 5_000,
    "&nbsp;" * 50, "[a b=c]" * 9, "и\u0306", "ʼ" * 60, "Дана Аменова, Пётр Ли", "Fri, 99 May 2024 99:99:99 +9999",
    "17.13.2024 25:00", "2024-02-30T00:00", "9999-12-31T23:59:59+00:00", "0001-01-01", "253402300799", "1" * 400,
    "https://[", "https://a:99999/", f"https://x/{'ы' * 50}", "NaN", "\u2028", "٣", 3.5,
]  # fmt: skip
FIELDS = [
    "id", "title", "text", "lead", "url", "published", "updated", "author", "author_role", "section", "tags", "source",
    "views", "image", "image_credit", "noindex", "", "\ud800", "k" * 3_000,
]  # fmt: skip
PIECES = [
    "<!--", "-->", "<![CDATA[", "]]>", "</script>", "<script type=application/ld+json>", "{", "}", "[", '"', "<h1>",
    "</p>", "<table><tr><td>", "<svg>", "<template>", "<frameset>", "&#x110000;", "&nbsp;", "\0", "\x08", "\ufffe",
    "<base href='http://['>", "<link rel=canonical href='http://a:99999/b'>", "<time datetime='2024-99-99'>",
    "<meta name=date content='Fri, 99 May 2024 99:99 +9999'>", '"datePublished": 1e400,', '"author": {"@id": {}},',
    '"@graph": 7,', '"keywords": [1, null, {}],', "<?xml version='1.0' encoding='x'?>", "0000-00-00", "1715918400",
]  # fmt: skip


@pytest.fixture
def chance() -> random.Random:
    return random.Random(SEED)


def damaged(text: str, chance: random.Random) -> bytes:
    content = text.encode(errors="surrogatepass")
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(len(content) + 1)
        piece = chance.choice([b"", chance.choice(PIECES).encode(), bytes([chance.randrange(256)])])
        content = content[:place] + piece + content[place + chance.choice([0, 0, 1, 9, 40]) :]
    return content


def test_damaged_records_come_in_or_are_named(tmp_path: Path, chance: random.Random) -> None:
    lines = []
    for number in range(RECORDS):
        record = {name: chance.choice(VALUES) for name in chance.sample(FIELDS, chance.randint(0, 12))}
        record |= {"id": f"{number:05}", "title": "Степь", "text": "зацвела"} if chance.random() < 0.7 else {}
        line = json.dumps(record | {chance.choice(FIELDS): chance.choice(VALUES)}, ensure_ascii=chance.random() < 0.5)
        as_written = damaged(line, chance) if chance.random() < 0.3 else line.encode(errors="surrogatepass")
        lines.append(as_written.replace(b"\n", b"") + b"\n")
    door = Door(tmp_path)
    report = json.loads(door.run("rebuild", "--json", door.write("a.jsonl", b"".join(lines)), code=3).stdout)
    rejected = [json.loads(row) for row in (tmp_path / "index.rejected.jsonl").read_text("utf-8").split("\n") if row]
    assert report["read"] == sum(map(bool, map(bytes.strip, lines)))
    assert report["rejected"] == len(rejected) > RECORDS / 4
    assert all(row["reason"] for row in rejected)
    named = {row["line"] for row in rejected}
    taken = [line for number, line in enumerate(lines, 1) if number not in named and line.strip()]
    assert report["index"]["articles"] == len({json.loads(line)["id"] for line in taken})


def test_damaged_pages_come_in_or_are_named(tmp_path: Path, chance: random.Random) -> None:
    pages = [html for html, _ in KINDS.values()]
    door = Door(tmp_path)
    for number in range(RECORDS // 20):
        door.write(f"pages/{number}.html", damaged(chance.choice(pages), chance))
    ran = door.run("rebuild", "--json", tmp_path / "pages", code=3)
    report = json.loads(ran.stdout)
    assert report["read"] == RECORDS // 20
    assert report["rejected"] < RECORDS / 40
    assert len(re.findall(r"(?m)^/\S+\.html: ", ran.stderr)) == report["rejected"]


def test_damaged_exports_come_in_or_are_named(tmp_path: Path, chance: random.Random) -> None:
    whole = HEAD + "".join(item(number) for number in range(5)) + TAIL
    door = Door(tmp_path)
    for number in range(RECORDS // 40):
        export = damaged(whole, chance)
        ran = door.run("add", "--json", door.write(f"{number}.xml", export), code=None)
        named = len(re.findall(r"(?m)^/\S+\.xml:\d+: ", ran.stderr))
        if ran.exit_code == 1:
            assert re.search(r"(?m)^indexer: .{20}", ran.stderr)
            assert not ran.stdout
        else:
            report = json.loads(ran.stdout)
            others = sum(sum(kinds.values()) for kinds in report["passed_over"].values())
            if not named and export.count(b"<![CDATA[") == whole.count("<![CDATA["):  # else one may end in another post
                assert report["read"] + others == export.count(b"<item>")
            assert report["rejected"] == named
            assert ran.exit_code == (3 if named else 0)
