"""Excerpts and marks: what is shown lies in the article, and only what was asked for is marked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.analysis import Analyzer, Token, fold_kazakh
from search.model import Article, Snippet
from search.query.parser import parse
from search.query.synonyms import BUNDLED, Synonyms
from search.query.tree import Exact, Field, Phrase, Prefix, Query, Word, leaves
from search.snippet import Highlighter
from tests.strategies import queries

ANALYZER = Analyzer()

PIECES = st.sampled_from(
    ["визит", "визиты", "министров", "Нью-Йорк", "нью-йоркский", "Қожа", "кожа", "рынка", "ёлка", "день", "казахи",
     "—", " ", " ", " ", ", ", ". ", "\n\n", "\t", "\r\n", "ви\u00adзит", "визи\u0301т", "😀", "-", "а" * 70, "\u200b",
     "\x00"]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=120).map("".join)
SHORT = st.lists(PIECES, max_size=24).map("".join)


def marked(snippet: Snippet) -> list[str]:
    return [snippet.text[start:end] for start, end in snippet.spans]


def highlighter(text: str) -> Highlighter:
    return Highlighter(parse(text, ANALYZER).query, ANALYZER)


def mark(query: str, text: str) -> list[str]:
    return marked(highlighter(query).mark(text))


def excerpt(query: str, text: str, *, lead: str = "", length: int = Highlighter.SNIPPET) -> Snippet:
    return highlighter(query).excerpt(Article("a", "", text, lead=lead), length)


def asks(word: Word | Exact | Prefix, form: str) -> bool:
    match word:
        case Word():
            return bool(set(word.terms) & set(ANALYZER.terms(form)))
        case Exact():
            return word.form == form
        case Prefix():
            return fold_kazakh(form).startswith(word.prefix)


def stretches(phrase: Phrase, tokens: list[Token]) -> Iterator[tuple[int, int]]:
    """Where a phrase stands: every choice of a token for each of its words is looked at."""
    for chosen in product(*([token for token in tokens if asks(word, token.form)] for word in phrase.words)):
        places = [token.position for token in chosen]
        if phrase.slop is None:
            if [place - places[0] for place in places] == [offset - phrase.offsets[0] for offset in phrase.offsets]:
                yield chosen[0].start, chosen[-1].end
        elif max(places) - min(places) < len(phrase.words) + phrase.slop:
            yield from ((token.start, token.end) for token in chosen)


def asked_for(query: Query, text: str) -> set[int]:
    """The characters that the query asks for in the title, the lead or the text."""
    tokens = list(ANALYZER.tokens(text))
    found: list[tuple[int, int]] = []
    for leaf in leaves(query):
        if leaf.field not in {Field.TEXT, Field.TITLE}:
            continue
        if isinstance(leaf, Phrase):
            found += stretches(leaf, tokens)
        else:
            found += [(token.start, token.end) for token in tokens if asks(leaf, token.form)]
    return {at for start, end in found for at in range(start, end)}


def check_spans(snippet: Snippet) -> None:
    before = 0
    for start, end in snippet.spans:
        assert before <= start < end <= len(snippet.text)
        before = end


# -- laws


@given(queries(), SHORT)
def test_marks_are_exactly_the_words_that_are_asked_for(query: Query, text: str) -> None:
    snippet = Highlighter(query, ANALYZER).mark(text)
    assert snippet.text == text
    check_spans(snippet)
    inside = {at for start, end in snippet.spans for at in range(start, end)}
    assert inside == asked_for(query, text)


@given(queries(), TEXTS)
def test_a_title_is_shown_whole(query: Query, text: str) -> None:
    assert Highlighter(query, ANALYZER).title(Article("a", text, "")) == Highlighter(query, ANALYZER).mark(text)


@given(queries(), TEXTS, TEXTS, st.integers(1, 400))
def test_an_excerpt_is_a_stretch_within_the_length(query: Query, lead: str, text: str, length: int) -> None:
    snippet = Highlighter(query, ANALYZER).excerpt(Article("a", "", text, lead=lead), length)
    check_spans(snippet)
    shown = snippet.text.removeprefix("… ").removesuffix(" …")
    assert len(shown) <= length
    assert not set(snippet.text) & set("\n\r\t\v\f")
    whole = f"{lead}\n\n{text}".translate(str.maketrans("\n\r\t\v\f", "     "))
    assert shown in whole


@given(queries(), TEXTS, st.integers(100, 400))
def test_an_excerpt_marks_only_words_that_are_asked_for(query: Query, text: str, length: int) -> None:
    snippet = Highlighter(query, ANALYZER).excerpt(Article("a", "", text), length)
    whole = set(marked(Highlighter(query, ANALYZER).mark(text)))
    assert all(any(part in one for one in whole) for part in marked(snippet))


@given(TEXTS, st.integers(1, 400))
def test_a_query_without_words_shows_the_beginning(text: str, length: int) -> None:
    for query in ("", "-визит", "дата:2024", "автор:визит"):
        snippet = excerpt(query, text, length=length)
        assert snippet.spans == ()
        assert not snippet.text.startswith("… ") or text.startswith("… ")


@given(queries(), TEXTS)
def test_an_excerpt_of_no_length_is_empty(query: Query, text: str) -> None:
    assert Highlighter(query, ANALYZER).excerpt(Article("a", "", text), 0) == Snippet("")


# -- marks


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("рынка", "Рынок, рынки и рыба", ["Рынок", "рынки"]),
        ("елка", "Ёлка и ёлки", ["Ёлка", "ёлки"]),
        ("замок", "Старый за\u00adмок", ["за\u00adмок"]),
        ("большой", "большо\u0301й дом", ["большо\u0301й"]),
        ("ёлка", "е\u0308лка", ["е\u0308лка"]),
        ("кожа", "Қожа Ахмет", ["Қожа"]),
        ("=кожа", "Қожа и кожа", ["кожа"]),
        ("=рынок", "рынок рынка", ["рынок"]),
        ("казах*", "Казахстан, казахи, заказ", ["Казахстан", "казахи"]),
        ("визит министра", "Визит двух министров", ["Визит", "министров"]),
        ('"визит министра"', "визит. Министры", ["визит. Министры"]),
        ('"красная площадь"', "Красная машина, площадь. На Красной площади и площадь", ["Красной площади"]),
        ('"визит министра"~1', "Министр нанёс визит, а визит и ещё две встречи министра", ["Министр", "визит"]),
        ('="визит министра"', "визит министра, визит министров", ["визит министра"]),
        ('"нур-султан сегодня"', "Нур-Султан сегодня и Нур Султан", ["Нур-Султан сегодня"]),
        ("визит | поездка", "поездка и визит", ["поездка", "визит"]),
        ("визит -поездка", "поездка и визит", ["визит"]),
        ("автор:Дана визит", "Дана: визит", ["визит"]),
        ("заголовок:визит", "визит", ["визит"]),
        ("казахстанская", "Северо-Казахстанская", ["Казахстанская"]),
        ("северо-казахстанская", "Северо-Казахстанская область", ["Северо-Казахстанская"]),
        ("=северо-казахстанская", "Северо-Казахстанская область", ["Северо-Казахстанская"]),
        ("визит", "визит, визит. О визите: визит\nвизит", ["визит", "визит", "визите", "визит", "визит"]),
        ("визит", "", []),
        ("", "визит", []),
    ],
)
def test_what_is_marked(query: str, text: str, expected: list[str]) -> None:
    assert mark(query, text) == expected


def test_offsets_count_characters_whatever_stands_before() -> None:
    text = "😀👩‍👩‍👧 за\u00adмок\u200b и\u0301 визит"
    assert mark("визит", text) == ["визит"]


# -- excerpts


def test_a_short_text_is_shown_whole() -> None:
    assert excerpt("визит", "Визит прошёл.") == Snippet("Визит прошёл.", ((0, 5),))


def test_the_lead_stands_before_the_text() -> None:
    assert excerpt("визит", "Прошёл визит.", lead="Вводка.").text == "Вводка.  Прошёл визит."


def test_an_excerpt_is_taken_where_the_words_stand() -> None:
    snippet = excerpt("визит", "слово " * 200 + "визит " + "слово " * 200)
    assert marked(snippet) == ["визит"]
    assert snippet.text.startswith("… слово")
    assert snippet.text.endswith("слово …")


def test_an_excerpt_is_taken_where_most_words_stand() -> None:
    text = "визит " * 3 + "слово " * 100 + "визит министра " + "слово " * 100
    assert set(marked(excerpt("визит министра", text))) == {"визит", "министра"}


def test_an_excerpt_is_taken_where_a_phrase_stands() -> None:
    text = (
        "Красная машина. Площадь закрыта. " + "Слово за словом. " * 60 + "Парад на Красной площади. " + "Слово. " * 60
    )
    assert marked(excerpt('"красная площадь"', text)) == ["Красной площади"]
    assert marked(excerpt('"красная площадь" | машина | закрыта', text)) == ["машина", "закрыта"]


def test_words_of_a_synonyms_phrase_are_not_marked_alone() -> None:
    query = parse("ОБСЕ", ANALYZER, Synonyms(BUNDLED, ANALYZER)).query
    text = "В ОБСЕ и в Европе говорят о безопасности. Организация по безопасности и сотрудничеству в Европе — это ОБСЕ."
    assert marked(Highlighter(query, ANALYZER).mark(text)) == [
        "ОБСЕ",
        "Организация по безопасности и сотрудничеству в Европе",
        "ОБСЕ",
    ]


def test_an_excerpt_without_found_words_is_the_beginning() -> None:
    snippet = excerpt("визит", "слово " * 200)
    assert snippet.text.startswith("слово")
    assert snippet.text.endswith(" …")
    assert snippet.spans == ()


def test_an_excerpt_at_the_end_fills_its_length() -> None:
    snippet = excerpt("визит", "слово " * 200 + "визит")
    assert snippet.text.endswith("визит")
    assert len(snippet.text) > Highlighter.SNIPPET - 20


def test_an_excerpt_begins_and_ends_between_words() -> None:
    snippet = excerpt("визит", "словечко " * 200 + "визит " + "словечко " * 200)
    words = snippet.text.removeprefix("… ").removesuffix(" …").split()
    assert set(words) == {"словечко", "визит"}


@pytest.mark.parametrize(
    "text",
    [
        "визит " * 50_000,
        "слово " * 50_000 + "визит",
        "визит" * 2_000,
        "\n" * 100_000,
        "(" * 100_000,
        "визит,другое-" * 75_000,
        "слово\u00a0визит\n" * 75_000,
        " ".join(f"визит{number}" for number in range(90_000)),
    ],
)
@pytest.mark.parametrize("query", ["визит | слово | визит*", "визит президента", '"визит слово"~5'])
def test_a_hostile_text_is_excerpted_and_marked_at_once(query: str, text: str) -> None:
    began = time.process_time()
    check_spans(highlighter(query).excerpt(Article("a", "", text)))
    check_spans(highlighter(query).mark(text))
    assert time.process_time() - began < 1


def test_a_word_is_marked_in_a_text_without_blanks() -> None:
    words = ["слово"] * 1_000
    words[500] = "визит"
    assert marked(highlighter("визит").mark(",".join(words))) == ["визит"]
    assert marked(highlighter("визит").excerpt(Article("a", "", ",".join(words)))) == ["визит"]
