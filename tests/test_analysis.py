"""The laws that hold for every text, and the spellings that must be one word."""

from __future__ import annotations

import re
import time
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from search.analysis import Analyzer, Token, fold_kazakh
from search.analysis.chunks import PATIENCE, ChunkIndex
from search.analysis.folding import exact_form
from search.analysis.morphology import Letters, pymorphy

ANALYZER = Analyzer()

LETTERS = "абвеёжийьыАБЁЙқҚәғңөұүһіxXcCpPaeoT0129"
ODD = "-‐_'’ʼ.,«»\n\t \u00a0\u00ad\u0301\u0300\u0306\u0308\u200b\u200d\u2060\ufeff\u202e\x00\x1f😀👩‍👩‍👧ﬁßİıשלא日²½"
TEXTS = st.one_of(st.text(LETTERS + ODD, max_size=60), st.text(LETTERS + " -", max_size=60), st.text(max_size=40))
WORDS = st.text("абвгдеёжзийклмнопрстуфхцчшщъыьэюяқәғңөұүһі", min_size=1, max_size=20)

HOSTILE = {
    "one word of 10,000 letters": "а" * 10_000,
    "one Latin word of 10,000 letters": "a" * 10_000,
    "10,000 words joined by hyphens": "а-" * 10_000,
    "10,000 stress marks on one letter": "а" + "\u0301" * 10_000,
    "5,000 stressed letters": "а\u0301" * 5_000,
    "marks and nothing else": "\u0301" * 10_000,
    "emoji": "😀👩‍👩‍👧" * 10_000,
    "hyphens": "-" * 10_000,
    "low lines": "_" * 10_000,
    "right to left": "שלום " * 5_000,
    "direction overrides": "\u202eабв\u202c" * 5_000,
    "characters of no width": "\u200b\u200d\ufeff" * 7_000,
    "control characters": "".join(map(chr, range(32))) * 700,
    "both alphabets in one word": "aа" * 5_000,
    "digits": "1" * 10_000,
    "lone surrogates": "а\ud800б" * 5_000,
}


def forms(text: str) -> list[str]:
    return [token.form for token in ANALYZER.tokens(text) if not token.whole]


def terms(word: str) -> set[str]:
    return {term for form in forms(word) for term in ANALYZER.terms(form)}


# -- laws


@given(TEXTS)
@example("Северо-Казахстанская область, Нью-Йорк")
def test_offsets_lie_in_the_text_and_never_go_back(text: str) -> None:
    before = Token("", -1, 0, 0)
    for token in ANALYZER.tokens(text):
        assert 0 <= token.start < token.end <= len(text)
        assert token.start >= (before.start if before.whole else before.end)
        before = token


@given(TEXTS)
def test_what_stands_at_the_offsets_folds_to_the_form(text: str) -> None:
    for token in ANALYZER.tokens(text):
        assert token.form
        standing = text[token.start : token.end]
        parts = re.split("[-\u2010\u2011]", standing) if token.whole else [standing]
        assert "-".join(map(exact_form, parts)) == token.form


@given(TEXTS)
def test_positions_grow_by_one_from_word_to_word(text: str) -> None:
    tokens = list(ANALYZER.tokens(text))
    assert [token.position for token in tokens if not token.whole] == list(range(len(forms(text))))
    for whole, first in pairwise(tokens):
        if whole.whole:
            assert (first.position, first.start) == (whole.position, whole.start)
            assert not first.whole


@given(TEXTS)
def test_a_whole_covers_exactly_its_parts(text: str) -> None:
    tokens = list(ANALYZER.tokens(text))
    for whole in (token for token in tokens if token.whole):
        parts = [token for token in tokens if not token.whole and whole.start <= token.start < whole.end]
        assert len(parts) >= 2
        assert "-".join(part.form for part in parts) == whole.form
        assert parts[-1].end == whole.end


@given(TEXTS)
@example("ёлка Й ѝ e\u0301")
def test_composed_and_decomposed_texts_have_the_same_forms(text: str) -> None:
    composed, decomposed = unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)
    assert [t.form for t in ANALYZER.tokens(composed)] == [t.form for t in ANALYZER.tokens(decomposed)]


@given(TEXTS)
def test_analysis_is_the_same_every_time(text: str) -> None:
    assert list(ANALYZER.tokens(text)) == list(ANALYZER.tokens(text)) == list(Analyzer().tokens(text))


@given(WORDS)
def test_a_form_is_its_own_form(word: str) -> None:
    form = exact_form(word)
    assert exact_form(form) == form
    assert exact_form(word.upper()) == form
    assert fold_kazakh(fold_kazakh(form)) == fold_kazakh(form)


@given(WORDS)
@example("министрами")
def test_every_word_has_terms_the_same_for_its_russian_letters(word: str) -> None:
    found = ANALYZER.terms(exact_form(word))
    assert all(found)
    assert len(set(found)) == len(found)
    assert found == ANALYZER.terms(fold_kazakh(exact_form(word)))


@given(WORDS)
@example("министрами")
def test_a_lemma_is_told_from_words_by_its_low_line(word: str) -> None:
    assert all("_" not in token.form for token in ANALYZER.tokens(word))
    assert all(term[0] == "_" or "_" not in term for term in ANALYZER.terms(exact_form(word)))


@given(WORDS)
def test_every_word_finds_itself_in_capitals_and_with_stress(word: str) -> None:
    spelled = [word.upper(), "\u0301".join(word), "\u00ad".join(word), f"«{word}»,", f" {word}\n"]
    assert all(forms(each) == [exact_form(word)] for each in spelled)


@given(TEXTS)
def test_runs_hold_every_word_of_the_text(text: str) -> None:
    from_runs = [token.form for run in ANALYZER.runs(text) for token in ANALYZER.words(run)]
    assert from_runs == [token.form for token in ANALYZER.tokens(text)]


@given(st.lists(TEXTS, min_size=1), WORDS)
def test_chunks_with_a_term_are_those_with_a_word_that_has_it(texts: list[str], word: str) -> None:
    index = ChunkIndex(lambda chunk: [term for form in forms(chunk) for term in ANALYZER.terms(form)], most=8)
    asked = frozenset(ANALYZER.terms(exact_form(word)))
    for text in texts:
        having = {chunk for chunk in text.split() if any(asked & set(ANALYZER.terms(form)) for form in forms(chunk))}
        assert index.having(text.split(), asked, ANALYZER.beginnings(asked)) == having


def test_an_index_full_of_other_chunks_begins_anew() -> None:
    looked_at: list[str] = []
    index = ChunkIndex(lambda chunk: looked_at.append(chunk) or [chunk], most=2)
    index.having(["иное", "чужое"], frozenset(), None)
    for _ in range(2 * PATIENCE + 2):
        assert index.having(["слово"], frozenset(["слово"]), None) == {"слово"}
    del looked_at[:]
    assert index.having(["слово"], frozenset(["слово"]), None) == {"слово"}
    assert looked_at == []


def test_every_form_of_a_word_has_one_of_its_beginnings() -> None:
    random = Random(1)
    dictionary = sorted({word.replace("ё", "е") for word in pymorphy().dictionary.words.keys("")})
    for word in [*random.sample(dictionary, 10_000), "шел", "людей", "лет", "лучший", "наилучший", "побольше", "гг"]:
        for term in ANALYZER.terms(word):
            beginnings = ANALYZER.beginnings([term])
            assert beginnings is None or word[:3] in beginnings


@given(WORDS, st.integers(1, 20))
def test_the_beginning_of_a_word_is_looked_up_as_its_form_begins(word: str, length: int) -> None:
    assert fold_kazakh(exact_form(word)).startswith(ANALYZER.prefix(word[:length]))
    assert ANALYZER.prefix(word[:length].upper()) == ANALYZER.prefix(word[:length])


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_text_is_analysed_at_once(text: str) -> None:
    began = time.process_time()
    tokens = list(Analyzer().tokens(text))
    assert all(ANALYZER.terms(token.form) for token in tokens)
    assert time.process_time() - began < 1


def test_one_analyzer_serves_many_threads() -> None:
    words = ["министров", "Казахстаном", "рынка", "Токаева", "лет", "дня", "идёт"] * 50
    fresh = Analyzer()
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(fresh.terms, words)) == [ANALYZER.terms(word) for word in words]


# -- words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Встреча министров.", "встреча министров"),
        ("большо́й за\u00adмок", "большой замок"),
        ("ЁЛКА ёлка елка", "елка елка елка"),
        ("Cеверный рынoк", "северный рынок"),
        ("COVID-19", "covid-19 covid 19"),
        ("Северо-Казахстанская", "северо-казахстанская северо казахстанская"),
        ("слово - слово", "слово слово"),
        ("слово\u2011-слово", "слово слово"),
        ("слово--слово", "слово слово"),
        ("перенос-", "перенос"),
        ("а--б", "а б"),
        ("а_б", "а б"),
        ("Қожа", "қожа"),
        ("10 000,5 тенге", "10 000 5 тенге"),
        ("КазМунайГаз", "казмунайгаз"),
        ("И\u0306", "й"),
        ("https://example.org", "https example org"),
        ("", ""),
        ("… — 😀", ""),
    ],
)
def test_words_of_a_text(text: str, expected: str) -> None:
    assert " ".join(token.form for token in ANALYZER.tokens(text)) == expected


def test_a_hyphenated_word_comes_as_the_whole_and_its_parts() -> None:
    assert list(ANALYZER.tokens("в Нью-Йорк сегодня")) == [
        Token("в", 0, 0, 1),
        Token("нью-йорк", 1, 2, 10, Letters.CAPITAL, whole=True),
        Token("нью", 1, 2, 5, Letters.CAPITAL),
        Token("йорк", 2, 6, 10, Letters.CAPITAL),
        Token("сегодня", 3, 11, 18),
    ]


@pytest.mark.parametrize("word", ["Mercedes", "Toyota", "x", "CO", "PEP"])
def test_latin_words_stay_latin(word: str) -> None:
    assert forms(word) == [word.lower()]


# -- terms


@pytest.mark.parametrize(
    "pair",
    [
        "аким акимов",
        "аким акиме",
        "погиб погибли",
        "Володин Володина",
        "Панков Панкове",
        "Маринов Маринова",
        "лучшая лучшему",
        "крупнейших крупнейший",
        "том томах",
        "Токаев Токаева",
        "Токаев Токаеву",
        "Казахстан Казахстаном",
        "рынок рынка",
        "рынок рынков",
        "день дня",
        "день днями",
        "год лет",
        "человек людей",
        "идти шёл",
        "ребёнок дети",
        "министр министрами",
        "хороший лучше",
        "Алматы Алматы",
        "президент президентов",
        "Қожа Кожа",
        "Қазақстан Казакстан",
        "Әлем Алем",
        "Өскемен Оскемен",
        "Һауа Хауа",
        "Ұлы Улы",
        "Үміт Умит",
        "Ңұр Нур",
    ],
)
def test_forms_of_one_word_share_a_term(pair: str) -> None:
    one, other = pair.split()
    assert terms(one) & terms(other)


@pytest.mark.parametrize(
    "pair",
    [
        "рынок рыба",
        "министр монитор",
        "Астана Алматы",
        "год день",
        "суд судно",
        "СВО свой",
        "почта почти",
        "ИИ и",
        "Семипалатинск семья",
        "его он",
        "она они",
        "часовой часов",
        "лучший хороший",
        "крупнейший крупный",
    ],
)
def test_different_words_share_no_term(pair: str) -> None:
    one, other = pair.split()
    assert not terms(one) & terms(other)


def test_without_lemmas_a_word_has_snowballs_term_alone() -> None:
    stems = Analyzer(lemmas=False)
    assert stems.terms("рынка") == ("рынк",)
    assert stems.terms("рынок") == ("рынок",)
    assert stems.version != ANALYZER.version


def test_kazakh_letters_are_kept_in_forms_and_folded_in_prefixes() -> None:
    assert forms("Қожа") == ["қожа"]
    assert ANALYZER.prefix("Қож") == "кож"
    assert fold_kazakh("әғқңөұүһі") == "агкноуухи"
