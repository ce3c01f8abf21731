"""What goes over the wire: compressed, with a tag, and nothing twice."""

from __future__ import annotations

import gzip
import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from search import Settings
from tests.door import Door
from tests.test_web import Page
from web import create_app

SAMPLE = Path(__file__).parent.parent / "indexer" / "sample.jsonl"
RESULTS = "/?q=президент"
TIMED = ("/api/search?per_page=50",)  # it says how long it took


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Door:
    door = Door(tmp_path_factory.mktemp("transfer"))
    door.take_in(SAMPLE)
    return door


@pytest.fixture(scope="module")
def client(door: Door) -> FlaskClient:
    settings = Settings(index=door.index, query_log=str(door.folder / "log"), editors_token="ключ")
    return create_app(settings).test_client()


def fetch(client: FlaskClient, path: str, accepted: str = "gzip", method: str = "GET", **headers: Any) -> TestResponse:
    with client.open(path, method=method, headers={"Accept-Encoding": accepted, **headers}) as response:
        assert response.get_data() is not None
        return response


def linked(client: FlaskClient) -> dict[str, str]:
    """The addresses of the static files in a page, by their names."""
    page = Page(client.get(RESULTS).text)
    addresses = [script["src"] for script in page.all("script")] + [link["href"] for link in page.all("link")]
    return {url.partition("?")[0].rpartition("/")[2]: url for url in addresses if url.startswith("/static/")}


def test_texts_are_compressed_for_who_accepts_it(client: FlaskClient) -> None:
    for path in (RESULTS, "/api/search?per_page=50", "/feed.atom", "/static/arkhiv.css", "/export.csv", "/embed.js"):
        plain, packed = fetch(client, path, "identity"), fetch(client, path)
        assert plain.headers.get("Content-Encoding") is None
        assert packed.headers["Content-Encoding"] == "gzip", path
        assert len(packed.data) < len(plain.data) / 2
        if path not in TIMED:
            assert gzip.decompress(packed.data) == plain.data, path
        assert packed.headers["Vary"].count("Accept-Encoding") == 1
        assert packed.content_length in {None, len(packed.data)}
        assert fetch(client, path, method="HEAD").headers["Content-Encoding"] == "gzip"
        if tag := packed.headers.get("ETag"):
            assert tag.startswith("W/"), "other bytes than without compression"
    for accepted in ("", "identity", "br", "gzip;q=0", "*;q=0", "gzip;q=0, *"):
        assert "Content-Encoding" not in fetch(client, RESULTS, accepted).headers, accepted
    for accepted in ("gzip, deflate, br, zstd", "*", "br;q=1, gzip;q=0.2"):
        assert fetch(client, RESULTS, accepted).headers["Content-Encoding"] == "gzip", accepted
    assert "Content-Encoding" not in fetch(client, "/healthz").headers, "it is short"


def test_a_compressed_download_comes_chunk_by_chunk(door: Door) -> None:
    response = (
        create_app(Settings(index=door.index))
        .test_client()
        .get("/export.jsonl", headers={"Accept-Encoding": "gzip"}, buffered=False)
    )
    chunks = response.iter_encoded()
    first = zlib.decompressobj(31).decompress(next(chunks))
    assert json.loads(first.splitlines()[0])["id"]
    response.close()


def test_a_page_that_is_the_same_is_not_sent_again(client: FlaskClient) -> None:
    paths = ["/", "/archive", "/archive/2024", "/today", "/help", "/compare?q=президент", "/api/docs"]
    article = client.get("/api/search").json["hits"][0]["id"]  # type: ignore[index]
    for path in (*paths, f"/article/{article}"):
        first = fetch(client, path)
        again = fetch(client, path, **{"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b""), path
        assert "Content-Encoding" not in again.headers
        assert again.headers["ETag"] == first.headers["ETag"]
        assert fetch(client, path, **{"If-None-Match": 'W/"other"'}).status_code == 200
        assert fetch(client, path, **{"If-None-Match": "*"}).status_code == 200
    key = {"Authorization": "Bearer ключ".encode().decode("latin-1")}
    for path in ("/desk", "/desk/queries", "/nothing"):
        assert "ETag" not in fetch(client, path, **key).headers


def test_a_page_of_hits_that_is_not_sent_again_is_logged_again(client: FlaskClient, door: Door) -> None:
    path = "/?q=небывальщина&correct=0"
    tag = fetch(client, path).headers["ETag"]
    assert fetch(client, path, **{"If-None-Match": tag}).status_code == 304
    (log,) = (door.folder / "log").iterdir()
    assert log.read_text("utf-8").count("небывальщина") == 2


def test_browsers_keep_a_static_file_for_a_year_by_its_version(client: FlaskClient) -> None:
    addresses = linked(client)
    assert {"arkhiv.css", "desk.js", "search.js", "favicon.svg"} <= set(addresses)
    for url in addresses.values():
        assert fetch(client, url).headers["Cache-Control"] == "public, max-age=31536000, immutable"
        for other in (url.partition("?")[0], url + "0"):
            answer = fetch(client, other)
            assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-cache")
            assert fetch(client, other, **{"If-None-Match": answer.headers["ETag"]}).status_code == 304
    version = addresses["search.js"].partition("?")[2]
    assert fetch(client, f"/static/nothing?{version}").headers["Cache-Control"] == "no-store"
    assert fetch(client, f"/static/combobox.js?{version}").headers["Cache-Control"].startswith("public")


def test_a_page_of_results_is_light(client: FlaskClient) -> None:
    html, files = len(fetch(client, RESULTS).data), linked(client)
    cold = html + sum(len(fetch(client, url).data) for url in files.values())
    cold += len(fetch(client, files["search.js"].replace("search.js", "combobox.js")).data)
    assert html <= 9_000
    assert cold <= 25_000
