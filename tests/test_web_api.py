"""The HTTP API: what it answers, what it refuses, and that its description is true."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from unicodedata import normalize
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from search import Archive, Article, IndexUnavailable, Settings, load_settings
from search.analysis import Analyzer
from search.engine import Answer, Request, Searcher
from search.query.parser import MAX_CHARACTERS
from tests.oracle import OracleEngine, OracleSearcher
from tests.test_web import ARTICLES, IDS
from web import create_app


@pytest.fixture(scope="module")
def engine(analyzer: Analyzer) -> OracleEngine:
    engine = OracleEngine(Settings(), analyzer)
    publish(engine, *ARTICLES)
    return engine


@pytest.fixture(scope="module")
def client(engine: OracleEngine) -> FlaskClient:
    return create_app(Settings(), lambda: Archive(engine, engine.analyzer)).test_client()


def publish(engine: OracleEngine, *articles: Article) -> str:
    with engine.writer() as writer:
        for article in articles:
            writer.add(article)
        return writer.publish().generation


def serving(analyzer: Analyzer, *articles: Article) -> FlaskClient:
    engine = OracleEngine(Settings(), analyzer)
    publish(engine, *articles)
    return create_app(Settings(), lambda: Archive(engine, analyzer)).test_client()


def ask(client: FlaskClient, path: str, **query: str) -> Any:
    response = client.get(path, query_string=query)
    assert response.status_code == 200, response.text
    assert response.mimetype == "application/json"
    return response.json


def refusal(client: FlaskClient, path: str, status: int) -> Any:
    response = client.get(path)
    assert response.status_code == status, response.text
    assert response.mimetype == "application/problem+json"
    problem = response.json
    assert problem["status"] == status
    assert problem["type"] == "about:blank"
    assert problem["title"]
    return problem


def test_a_search_answers_what_the_contract_says(client: FlaskClient) -> None:
    answer = ask(client, "/api/search", q="визит президента", year="2024", month="5", words="all")
    assert answer["took_ms"] > 0
    assert answer["index"].keys() == {"generation", "articles", "built_at"}
    assert answer["hits"][0]["score"] > 0
    del answer["took_ms"], answer["index"], answer["hits"][0]["score"]
    self = "http://localhost/api/search?q=%D0%B2%D0%B8%D0%B7%D0%B8%D1%82+%D0%BF%D1%80%D0%B5%D0%B7%D0%B8%D0%B4%D0%B5%D0%BD%D1%82%D0%B0&year=2024&month=5"
    assert answer == {
        "query": {
            "text": "визит президента",
            "interpreted": "визит президента",
            "notes": [],
            "correction": None,
            "words": "all",
            "with_all_words": 1,
        },
        "total": 1,
        "exact": True,
        "page": 1,
        "per_page": 10,
        "pages": 1,
        "sort": "relevance",
        "hits": [
            {
                "id": "1",
                "url": "https://gazeta.example/1",
                "title": "Визит президента в Алматы",
                "title_html": "<mark>Визит</mark> <mark>президента</mark> в Алматы",
                "snippet_html": "Главное за день  <mark>Президент</mark> прибыл утром.  "
                "Встреча министров прошла вечером.",
                "published": "2024-05-17T09:00:00+05:00",
                "author": "Дана Аменова",
                "author_role": "специальный корреспондент",
                "section": "Политика",
                "views": 142444,
                "similar": 0,
                "missing": [],
            }
        ],
        "facets": {
            "years": [{"year": 2024, "count": 1}],
            "months": [{"month": 5, "label": "май", "count": 1}],
            "days": [{"day": 17, "count": 1}],
            "undated": 0,
            "authors": [{"value": "Дана Аменова", "count": 1}],
            "sections": [{"value": "Политика", "count": 1}],
            "tags": [{"value": "визиты", "count": 1}],
            "persons": [],
        },
        "links": {
            "self": f"{self}&words=all",
            "next": None,
            "prev": None,
            "feed": self.replace("/api/search", "/feed.atom"),
            "csv": self.replace("/api/search", "/export.csv"),
        },
    }


def test_tags_are_a_facet_that_leads_to_the_filter(client: FlaskClient) -> None:
    tags = ask(client, "/api/search", year="2024")["facets"]["tags"]
    assert {"value": "визиты", "count": 1} in tags
    for tag in tags:
        narrowed = ask(client, "/api/search", year="2024", tag=tag["value"])
        assert narrowed["total"] == tag["count"]
        assert narrowed["facets"]["tags"] == tags  # the filter leaves its own facet as it was


def test_levels_of_the_archive_that_were_not_chosen_are_null(client: FlaskClient) -> None:
    facets = ask(client, "/api/search")["facets"]
    assert facets["months"] is None
    assert facets["days"] is None
    facets = ask(client, "/api/search", year="1999")["facets"]
    assert facets["months"] == []


def test_links_lead_from_page_to_page(client: FlaskClient) -> None:
    response = client.get("/api/search?q=странный&per_page=8&page=2")
    links = response.json["links"]
    assert response.headers.getlist("Link") == [f'<{links["next"]}>; rel="next"', f'<{links["prev"]}>; rel="prev"']
    third = client.get(links["next"]).json
    assert third["page"] == 3
    assert third["links"]["next"] is None
    assert client.get(links["prev"]).json["page"] == 1
    beyond = ask(client, "/api/search", q="странный", page="50", per_page="8")
    assert beyond["hits"] == []
    assert client.get(beyond["links"]["prev"]).json["page"] == 3


def test_highlights_are_escaped(client: FlaskClient) -> None:
    (hit,) = ask(client, "/api/search", q="alert")["hits"]
    assert hit["title_html"] == "&lt;script&gt;<mark>alert</mark>(1)&lt;/script&gt; \u202eнаоборот"
    assert hit["title"].startswith("<script>")
    assert hit["url"] == "http://localhost/article/5"


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("month=13&year=2024", "month"),
        ("month=5", "month"),
        ("day=1&year=2024", "day"),
        ("day=30&month=2&year=2024", "day"),
        ("year=0", "year"),
        ("year=None", "year"),
        ("year=none&month=5", "month"),
        ("year=none&day=5", "day"),
        ("year=none&from=2024", "from"),
        ("year=none&to=2024", "to"),
        ("year=", "year"),
        ("year=2024.0", "year"),
        ("year=null", "year"),
        ("year=%D9%A3", "year"),
        ("author=", "author"),
        ("section=", "section"),
        ("tag=", "tag"),
        ("person=", "person"),
        ("from=2025&to=2024", "from"),
        ("from=2024-13", "from"),
        ("to=17.05.2024", "to"),
        ("sort=date", "sort"),
        ("page=0", "page"),
        ("page=-1", "page"),
        ("page=99999999999999999999999", "page"),
        ("per_page=0", "per_page"),
        ("per_page=101", "per_page"),
        ("page=101&per_page=100", "page"),
        ("correct=true", "correct"),
        ("similar=1", "similar"),
        ("size=5", "size"),
        ("q=a&q=b", "q"),
        ("%00=1", "\x00"),
        ("=1", ""),
    ],
)
def test_a_wrong_value_is_refused_by_name(client: FlaskClient, query: str, parameter: str) -> None:
    problem = refusal(client, f"/api/search?{query}", 422)
    assert problem["parameter"] == parameter
    assert problem["detail"]


def test_blanks_around_a_value_and_other_forms_of_its_letters_make_no_difference(client: FlaskClient) -> None:
    for query, same in (
        ("year=%202024&month=05%20", "year=2024&month=5"),
        ("from=%202024-05", "from=2024-05"),
        ("sort=oldest%20", "sort=oldest"),
        ("q=&per_page=%0A3", "q=&per_page=3"),
        ("section=%20%20" + quote("Общество\u00a0"), "section=" + quote("Общество")),
        ("author=" + quote(normalize("NFD", "Андрей")), "author=" + quote("Андрей")),
    ):
        actual, expected = (client.get(f"/api/search?{one}").json for one in (query, same))
        assert actual["hits"] == expected["hits"], query  # type: ignore[index]  # there is an answer


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("page=-1", "'-1' is not a whole number from 1 on"),
        ("page=" + "9" * 5000, f"'{'9' * 100}' is not a whole number from 1 on"),
        ("month=13", "'13' is not a whole number from 1 to 12"),
        ("year=nine", "'nine' is not a whole number from 1 to 9999 or none"),
        ("year=none&to=2024", "year=none means the articles without a date; leave one of the two out"),
        ("from=2024-5", "'2024-5' is not a date as YYYY, YYYY-MM or YYYY-MM-DD"),
        ("sort=best", "'best' is not one of newest, oldest, relevance, views"),
        ("correct=true", "'true' is not one of 0, 1"),
        ("similar=1", "'1' is not one of fold, show"),
        ("year=", "empty; leave it out"),
        ("author=", "empty; leave it out"),
    ],
)
def test_a_refusal_says_in_plain_words_what_a_value_has_to_be(client: FlaskClient, query: str, detail: str) -> None:
    assert refusal(client, f"/api/search?{query}", 422)["detail"] == detail


def test_a_long_query_is_repeated_no_further_than_it_is_read(client: FlaskClient) -> None:
    text = "слово " * 20_000
    response = client.get("/api/search", query_string={"q": text})
    answer = response.get_json()
    assert answer["query"]["text"] == text[:MAX_CHARACTERS]
    assert str(MAX_CHARACTERS) in answer["query"]["notes"][0]
    assert len(response.data) < 30_000


def test_pages_past_ten_thousand_hits_name_the_export(client: FlaskClient) -> None:
    assert client.get("/api/search?page=1000").status_code == 200
    for page in ("1001", "9" * 20):
        assert "/export.csv" in refusal(client, f"/api/search?page={page}", 422)["detail"]


@pytest.mark.parametrize(
    "query", ["correct=0", "correct=1", "similar=show", "similar=fold", "from=2024-05&to=2024-05-17", "sort=views"]
)
def test_a_right_value_is_accepted(client: FlaskClient, query: str) -> None:
    assert client.get(f"/api/search?q=визит&{query}").json["total"] == 1


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/nothing", "/api/articles/nothing", "/api/articles/завтра", "/api/articles/"]
)
def test_what_does_not_exist_is_a_problem_document(client: FlaskClient, path: str) -> None:
    refusal(client, path, 404)


def test_other_methods_are_refused_with_those_that_are_allowed(client: FlaskClient) -> None:
    response = client.post("/api/search")
    assert response.status_code == response.json["status"] == 405
    assert response.mimetype == "application/problem+json"
    assert "GET" in response.headers["Allow"]
    assert client.head("/api/search").status_code == 200


def test_the_calendar_counts_the_whole_archive(client: FlaskClient) -> None:
    answer = ask(client, "/api/archive", year="2024")
    assert {"year": 2023, "count": 1} in answer["years"]
    assert answer["months"] == [{"month": 5, "label": "май", "count": 2}]
    assert answer["days"] is None
    assert answer["undated"] == 1
    assert refusal(client, "/api/archive?month=5", 422)["parameter"] == "month"
    assert refusal(client, "/api/archive?q=x", 422)["parameter"] == "q"


@pytest.mark.parametrize(
    ("period", "ids"), [("day", ["2"]), ("week", ["1", "2"]), ("month", ["1", "2"]), ("year", ["1", "2", "3"])]
)
def test_the_most_viewed_are_those_of_the_period(client: FlaskClient, period: str, ids: list[str]) -> None:
    answer = ask(client, "/api/popular", period=period)
    assert (answer["period"], [hit["id"] for hit in answer["hits"]]) == (period, ids)
    assert [hit["id"] for hit in ask(client, "/api/popular", period="all")["hits"]][:3] == ["1", "2", "3"]
    assert ask(client, "/api/popular")["period"] == "week"
    assert refusal(client, "/api/popular?period=century", 422)["parameter"] == "period"


def test_without_dates_only_all_time_is_popular(analyzer: Analyzer) -> None:
    client = serving(analyzer, Article("1", "Без даты", "", views=5))
    assert ask(client, "/api/popular")["hits"] == []
    assert len(ask(client, "/api/popular", period="all")["hits"]) == 1


@pytest.mark.parametrize("article", ARTICLES[:5], ids=lambda article: article.id)
def test_an_article_is_given_back_in_the_article_format(client: FlaskClient, article: Article) -> None:
    assert ask(client, f"/api/articles/{article.id}") == article.as_dict()


@pytest.mark.parametrize("article_id", IDS)
def test_an_article_with_any_id_is_given_back(client: FlaskClient, article_id: str) -> None:
    (found,) = [
        hit for hit in ask(client, "/api/search", q="странный", per_page="100")["hits"] if hit["id"] == article_id
    ]
    page = found["url"].removeprefix("http://localhost/article/")
    assert ask(client, f"/api/articles/{page}")["id"] == article_id


def test_an_unchanged_answer_is_not_sent_again(analyzer: Analyzer) -> None:
    client = serving(analyzer, *ARTICLES[:5])
    for path in ("/api/search?q=визит", "/api/archive", "/api/articles/1"):
        tag = client.get(path).headers["ETag"]
        again = client.get(path, headers={"If-None-Match": tag})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == tag
        assert client.get("/api/search?q=другое", headers={"If-None-Match": tag}).status_code == 200


def test_an_article_that_is_due_is_never_hidden_by_a_tag(analyzer: Analyzer) -> None:
    due = datetime.now(UTC) + timedelta(seconds=0.5)
    client = serving(analyzer, Article("1", "Секрет", "", published=due))
    paths = ("/api/search", "/api/archive")
    early = {path: client.get(path) for path in paths}
    assert early["/api/search"].json["total"] == 0
    while datetime.now(UTC) <= due:
        time.sleep(0.01)
    for path in paths:
        for known in (early[path].headers.get("ETag", 'W/""'), 'W/""', "*"):
            later = client.get(path, headers={"If-None-Match": known})
            assert later.status_code == 200
            assert later.json != early[path].json


def test_a_new_generation_answers(analyzer: Analyzer) -> None:
    engine = OracleEngine(Settings(), analyzer)
    publish(engine, Article("1", "Первая", "", published=date(2020, 1, 1)))
    client = create_app(Settings(), lambda: Archive(engine, analyzer), look_every=0).test_client()
    first = client.get("/api/search")
    generation = publish(engine, Article("2", "Вторая", "", published=date(2020, 1, 2)))
    second = client.get("/api/search", headers={"If-None-Match": first.headers["ETag"]})
    assert second.json["total"] == 2
    assert second.json["index"]["generation"] == generation
    assert f'generation="{generation}"' in client.get("/metrics").text


class Damaged(OracleSearcher):
    """Cannot read the column that one word needs."""

    def search(self, request: Request) -> Answer:
        if "дыра" in str(request.query):
            raise IndexUnavailable("a column is damaged")
        return super().search(request)


@dataclass
class FailingEngine(OracleEngine):
    """An engine whose newest generation cannot be opened, or has a damaged column."""

    broken: bool = False
    damaged: bool = False

    def open(self) -> Searcher:
        if self.broken:
            raise IndexUnavailable("the manifest is damaged")
        opened = super().open()
        if not self.damaged:
            return opened
        assert self.store.published is not None
        return Damaged(self.store.published, self.settings, self.analyzer)


def test_a_generation_that_cannot_be_opened_is_logged_once(
    analyzer: Analyzer, caplog: pytest.LogCaptureFixture
) -> None:
    engine = FailingEngine(Settings(), analyzer)
    old = publish(engine, ARTICLES[0])
    client = create_app(Settings(), lambda: Archive(engine, analyzer), look_every=0).test_client()
    publish(engine, ARTICLES[1])
    engine.broken = True
    with caplog.at_level(logging.ERROR, "arkhiv"):
        for _ in range(2):
            assert ask(client, "/api/search")["index"]["generation"] == old
    assert [record.getMessage() for record in caplog.records] == [
        "no newer generation can be opened: the manifest is damaged"
    ]
    engine.broken = False
    assert ask(client, "/api/search")["total"] == 2


def test_a_damaged_column_makes_the_service_unready(analyzer: Analyzer) -> None:
    engine = FailingEngine(Settings(), analyzer, damaged=True)
    publish(engine, ARTICLES[0])
    client = create_app(Settings(), lambda: Archive(engine, analyzer), look_every=0).test_client()
    assert ask(client, "/readyz")["status"] == "ready"
    response = client.get("/api/search?q=дыра")
    assert response.status_code == 503
    assert response.headers["Retry-After"]
    assert client.get("/api/search?q=визит").json["total"] == 1
    assert "damaged" in refusal(client, "/readyz", 503)["detail"]
    engine.damaged = False
    publish(engine)
    assert client.get("/api/search").status_code == 200
    assert client.get("/readyz").status_code == 200


def test_without_an_index_programs_are_told_the_command(analyzer: Analyzer) -> None:
    engine = OracleEngine(Settings(), analyzer)
    client = create_app(Settings(), lambda: Archive(engine, analyzer)).test_client()
    for path in ("/api/search", "/api/archive", "/api/articles/1", "/readyz"):
        assert "indexer rebuild" in refusal(client, path, 503)["detail"]
    for path in ("/healthz", "/metrics", "/api/openapi.json", "/api/docs"):
        assert client.get(path).status_code == 200
    assert "arkhiv_index_up 0.0" in client.get("/metrics").text


def test_the_service_starts_before_its_index_is_built(tmp_path: Path) -> None:
    client = create_app(load_settings({"ARKHIV_INDEX": f"whoosh:{tmp_path / 'index'}"})).test_client()
    assert client.get("/healthz").status_code == 200
    assert "indexer rebuild" in refusal(client, "/api/search", 503)["detail"]


def test_requests_are_counted_by_route_and_status(client: FlaskClient) -> None:
    client.get("/api/articles/1")
    client.get("/api/articles/nothing")
    client.get("/some/address")
    text = client.get("/metrics").text
    route = "/api/articles/<article_id:article_id>"
    assert re.search(rf'arkhiv_http_requests_total{{route="{route}",status="200"}} \d', text)
    assert re.search(rf'arkhiv_http_requests_total{{route="{route}",status="404"}} \d', text)
    assert re.search(r'arkhiv_http_requests_total{route="none",status="404"} \d', text)
    assert re.search(rf'arkhiv_http_seconds_count{{route="{route}"}} \d', text)
    assert re.search(rf"arkhiv_index_articles {len(ARTICLES)}\.0", text)
    assert re.search(r"arkhiv_loops_info\{loops=\"(compiled|numpy)\"\} 1\.0", text)


def test_every_answer_is_typed_and_kept_out_of_search_engines(client: FlaskClient) -> None:
    for path in ("/api/search", "/api/nothing", "/healthz"):
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Robots-Tag"] == "noindex"
        assert "unsafe" not in headers["Content-Security-Policy"]


def test_articles_without_a_date_are_a_filter_everywhere(client: FlaskClient) -> None:
    answer = ask(client, "/api/search", year="none")
    assert ([hit["id"] for hit in answer["hits"]], answer["facets"]["undated"]) == (["4"], 1)
    assert (answer["facets"]["months"], len(answer["facets"]["years"])) == (None, 4)
    assert answer["links"]["csv"].endswith("/export.csv?year=none")
    assert ask(client, "/api/search", q="визит", year="none")["total"] == 0
    table = client.get("/export.csv?year=none")
    assert (table.text.count("\r\n"), quote("без-даты") in table.headers["Content-Disposition"]) == (2, True)
    assert [item["title"] for item in client.get("/feed.json?year=none").json["items"]] == ["Без даты"]
    (year,) = [
        each for each in described(client)["paths"]["/api/search"]["get"]["parameters"] if each["name"] == "year"
    ]
    number, undated = year["schema"]["anyOf"]
    assert (number["minimum"], number["maximum"], undated["enum"]) == (1, 9999, ["none"])
    assert "default" not in year["schema"]
    assert "integer, 1–9999 or <code>none</code>" in " ".join(client.get("/api/docs").text.split())


def described(client: FlaskClient) -> dict[str, Any]:
    document: dict[str, Any] = ask(client, "/api/openapi.json")
    return document


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (text for key, text in value.items() if key == "$ref")
        for inside in value.values():
            yield from references(inside)
    elif isinstance(value, list):
        for inside in value:
            yield from references(inside)


def test_every_route_for_programs_is_described(client: FlaskClient) -> None:
    rules = {rule.rule for rule in client.application.url_map.iter_rules() if rule.endpoint.startswith("api.")}
    paths = {re.sub(r"<\w+:(\w+)>", r"{\1}", rule) for rule in rules}
    document = described(client)
    assert document["openapi"].startswith("3.1")
    assert document["paths"].keys() == paths
    assert {"/healthz", "/readyz", "/metrics", "/api/search", "/api/articles/{article_id}"} <= paths


def test_every_described_parameter_is_accepted(client: FlaskClient) -> None:
    parameters = described(client)["paths"]["/api/search"]["get"]["parameters"]
    names = [parameter["name"] for parameter in parameters]
    assert names == ["q", "year", "month", "day", "from", "to", "author", "section", "tag", "person", "sort", "page",
                     "per_page", "correct", "words", "similar"]  # fmt: skip
    for parameter in parameters:
        assert parameter["description"]
        for schema in parameter["schema"].get("anyOf", [parameter["schema"]]):
            if "$ref" in schema:
                schema = described(client)["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
            assert schema["type"] if "enum" not in schema else True
            bounds = [schema[bound] for bound in ("minimum", "maximum") if bound in schema]
            for value in schema.get("enum", []) + bounds:
                with_parents = {"year": "2024", "month": "1"} if parameter["name"] in {"month", "day"} else {}
                query = with_parents | {parameter["name"]: value}
                assert client.get("/api/search", query_string=query).status_code == 200


def test_the_description_refers_to_nothing_that_is_missing(client: FlaskClient) -> None:
    document = described(client)
    for reference in references(document):
        assert reference.removeprefix("#/components/schemas/") in document["components"]["schemas"]


def test_an_answer_has_exactly_the_described_fields(client: FlaskClient) -> None:
    schemas = described(client)["components"]["schemas"]
    answer = ask(client, "/api/search", q="визит")
    assert answer.keys() == schemas["SearchAnswer"]["properties"].keys()
    assert sorted(answer["hits"][0]) == sorted(schemas["HitView"]["required"])
    assert schemas["HitView"]["properties"].keys() - answer["hits"][0].keys() == {"pinned"}, "only where it is true"
    assert answer["facets"].keys() == schemas["FacetsView"]["properties"].keys()
    assert answer["links"].keys() == schemas["Links"]["properties"].keys()
    assert ask(client, "/api/archive").keys() == schemas["CalendarAnswer"]["properties"].keys()
    assert ask(client, "/api/articles/1").keys() <= schemas["ArticleAnswer"]["properties"].keys()


def test_what_finds_nothing_is_corrected_unless_refused(client: FlaskClient) -> None:
    answer = ask(client, "/api/search", q="dbpbn")
    assert answer["total"]
    assert answer["query"]["correction"] == {"kind": "layout", "text": "визит"}
    assert (answer["query"]["text"], answer["query"]["interpreted"]) == ("dbpbn", "визит")
    refused = ask(client, "/api/search", q="dbpbn", correct="0")
    assert (refused["total"], refused["query"]["correction"]) == (0, None)


def test_what_is_being_typed_is_completed(client: FlaskClient) -> None:
    answer = ask(client, "/api/suggest", q="визи")
    assert answer["q"] == "визи"
    words, headlines = (
        [each for each in answer["suggestions"] if each["kind"] == kind] for kind in ("word", "headline")
    )
    assert [word["text"].lower() for word in words] == ["визит"]
    assert all(word.keys() == {"text", "kind", "count"} for word in words)
    assert headlines
    for headline in headlines:
        assert headline["url"] == f"/article/{headline['id']}"
        assert client.get(headline["url"]).status_code == 200
    assert len(ask(client, "/api/suggest", q="визи", limit="1")["suggestions"]) == 1
    assert ask(client, "/api/suggest") == {"q": "", "suggestions": []}


def test_people_and_tags_are_suggested_with_where_they_lead(analyzer: Analyzer) -> None:
    crossing = [
        Article(
            str(n), "Мост открыт", "Мост открыл Пётр Мостовой.", tags=("Мосты & дороги",), published=date(2024, 5, n)
        )
        for n in (1, 2)
    ]
    client = serving(analyzer, *crossing)
    person, tag = (
        guess for guess in ask(client, "/api/suggest", q="мост")["suggestions"] if guess["kind"] in {"person", "tag"}
    )
    assert person == {"text": 'кто:"Петр Мостовой"', "kind": "person", "count": 2, "name": "Петр Мостовой"}
    assert ask(client, "/api/search", q=person["text"])["total"] == 2
    assert tag == {
        "text": "Мосты & дороги", "kind": "tag", "count": 2, "name": "Мосты & дороги", "url": tag["url"],
    }  # fmt: skip
    assert "Мост открыт" in client.get(tag["url"]).text


@pytest.mark.parametrize("query", ["limit=0", "limit=21", "limit=x", "page=1", "q=a&q=b"])
def test_wrong_parameters_of_suggestions_are_refused(client: FlaskClient, query: str) -> None:
    response = client.get(f"/api/suggest?{query}")
    assert response.status_code == 422
    assert response.json["parameter"] == query.partition("=")[0]


def test_the_description_can_be_read_as_a_page(client: FlaskClient) -> None:
    text = client.get("/api/docs").text
    for path, methods in described(client)["paths"].items():
        assert f"GET {path}" in text
        for parameter in methods["get"]["parameters"]:
            assert f"<code>{parameter['name']}</code>" in text


def test_articles_of_tomorrow_are_not_there_yet(engine: OracleEngine) -> None:
    assert engine.store.published is not None
    last = engine.store.published.info.last
    assert last is not None
    assert last > datetime.now(UTC).date()
    client = create_app(Settings(), lambda: Archive(engine, engine.analyzer)).test_client()
    assert client.get("/api/search?q=секрет").json["total"] == 0


AGENCY = " ".join(f"Агентство {'очень ' * n}подробно рассказало о визите в столицу." for n in range(1, 16))


def test_near_copies_are_shown_or_folded(analyzer: Analyzer) -> None:
    articles = [Article(id=f"{n}", title="Визит", text=AGENCY, published=date(2024, 5, n)) for n in (1, 2, 3)]
    client = serving(analyzer, *articles)
    assert [hit["id"] for hit in ask(client, "/api/search", q="визит")["hits"]] == ["3", "2", "1"]
    folded = ask(client, "/api/search", q="визит", similar="fold")
    assert [(hit["id"], hit["similar"]) for hit in folded["hits"]] == [("3", 2)]
    assert (folded["total"], folded["pages"]) == (3, 1)
    page = client.get("/?q=визит").get_data(as_text=True)
    assert "и ещё 2 похожие статьи" in page
    assert page.count('class="hit"') == 1
    shown = client.get("/?q=визит&similar=show").get_data(as_text=True)
    assert shown.count('class="hit"') == 3
    for path, query in (("/archive", ""), ("/archive/2024", "year=2024&"), ("/archive/2024/5", "year=2024&month=5&")):
        page = client.get(path).get_data(as_text=True)
        assert f'<a href="/?{query.replace("&", "&amp;")}similar=show">и ещё 2 похожие статьи</a>' in page


def test_related_articles_are_on_the_same_subject(analyzer: Analyzer) -> None:
    client = serving(
        analyzer,
        Article(id="a/1", title="Музей открыли", text="Новый музей открыт в центре города."),
        Article(id="b", title="Музей закрыли", text="Старый музей закрыт в центре города."),
        *(Article(id=f"w{n}", title="Погода", text=f"Дождь номер {n}.") for n in range(9)),
    )
    answer = ask(client, "/api/related/a/1")
    assert (answer["id"], [hit["id"] for hit in answer["hits"]]) == ("a/1", ["b"])
    assert "Читайте также" in client.get("/article/a/1").get_data(as_text=True)
    assert refusal(client, "/api/related/nothing", 404)["status"] == 404
