"""Names in every case, and what a word means by how it is written: from a file through `indexer` to the answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import pytest

from search import Archive, Settings, open_archive
from tests.door import Door
from web import create_app


def archive_of(folder: Path, texts: Mapping[str, str]) -> Door:
    door = Door(folder)
    lines = (json.dumps({"id": name, "title": "Новость", "text": text}) for name, text in texts.items())
    door.take_in(door.write("articles.jsonl", "\n".join(lines) + "\n"))
    return door


def found(archive: Archive, typed: str) -> list[str]:
    """The ids of all articles with the words, in the order of the answer."""
    return [hit.article.id for hit in archive.search(typed, words="all", correct=False, per_page=100).hits]


NAMES = {
    "a man as a woman": ("Эммануэль Вернье", "Эммануэля Вернье", "Эммануэлю Вернье", "Эммануэлем Вернье"),
    "a woman's short name": ("Илон Маск", "Илона Маска", "Илону Маску", "Илоном Маском", "Илоне Маске"),
    "a thing": ("Карл Финк", "Карла Финка", "Карлу Финку", "Карлом Финком", "Карле Финке"),
    "a village": ("Денис Мантуров", "Дениса Мантурова", "Денису Мантурову", "Денисом Мантуровым", "Денисе Мантурове"),
    "a village in -ино": ("Суровикин", "Суровикина", "Суровикину", "Суровикиным", "Суровикине"),
    "an adjective": ("Юрий Трутнев", "Юрия Трутнева", "Юрию Трутневу", "Юрием Трутневым", "Юрии Трутневе"),
    "a short adjective": ("Пьер Карден", "Пьера Кардена", "Пьеру Кардену", "Пьером Карденом", "Пьере Кардене"),
    "a verb": ("Серена Уильямс", "Серены Уильямс", "Серене Уильямс", "Серену Уильямс", "Сереной Уильямс"),
    "two letters": ("Ким Чен Ын", "Ким Чен Ына", "Ким Чен Ыну", "Ким Чен Ыном", "Ким Чен Ыне"),
    "a first name": ("Андрей Кириллов", "Андрея Кириллова", "Андреем Кирилловым", "Андрее Кириллове"),
    "a woman": ("Анна Ракова", "Анны Раковой", "Анне Раковой", "Анну Ракову", "Анной Раковой"),
    "in -ец": ("Игорь Коломиец", "Игоря Коломийца", "Игорю Коломийцу", "Игорем Коломийцем", "Игоре Коломийце"),
    "an unknown one": ("Ержан Бектуров", "Ержана Бектурова", "Ержану Бектурову", "Ержаном Бектуровым"),
    "a noun in the genitive": ("Хосе Пучков", "Хосе Пучкова", "Хосе Пучкову", "Хосе Пучковым", "Хосе Пучкове"),
    "hyphened": ("Жан-Клод Вернье", "Жана-Клода Вернье", "Жан-Клоду Вернье", "Жаном-Клодом Вернье"),
    "a double surname": ("Анна Львова-Белова", "Анны Львовой-Беловой", "Анну Львову-Белову", "Анной Львовой-Беловой"),
    "a junior": ("Джеб Буш-младший", "Джеба Буша-младшего", "Джебу Бушу-младшему", "Джебом Бушем-младшим"),
    "with a particle": ("Алан де Монте", "Алана де Монте", "Алану де Монте", "Аланом де Монте"),
    "a son": ("Эльдар Ариф оглы", "Эльдара Ариф оглы", "Эльдару Ариф оглы", "Эльдаром Ариф оглы"),
    "an Arab": ("Салман бин Рашид", "Салмана бин Рашида", "Салману бин Рашиду", "Салманом бин Рашидом"),
    "a Kazakh": ("Нұрлан Әбілов", "Нұрлана Әбілова", "Нурлану Абилову", "Нурланом Абиловым"),
    "in Latin letters": ("Elon Verne", "ELON VERNE"),
    "in capitals": ("ПЬЕР СУРОВИКИН", "Пьера Суровикина", "ПЬЕРУ СУРОВИКИНУ", "Пьером Суровикиным"),
}
OTHER_WORDS = {"a thing", "a woman's short name", "a short adjective", "a verb"}


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    texts = {f"{name}: {case}": f"Об этом сказали {case} вчера." for name, cases in NAMES.items() for case in cases}
    return open_archive(archive_of(tmp_path_factory.mktemp("names"), texts).index)


@pytest.mark.parametrize("name", NAMES)
def test_every_case_of_a_name_finds_every_other(names: Archive, name: str) -> None:
    every = {f"{name}: {case}" for case in NAMES[name]}
    for case in NAMES[name]:
        # What is a word as well is taken for it in small letters.
        for typed in (case, f'"{case}"', *([case.lower()] if name not in OTHER_WORDS else [])):
            assert {key for key in found(names, typed) if key.startswith(f"{name}:")} == every, typed


MEANT = {
    "Орлов": ("Приехал Иван Орлов.", "Приехали к Орлову.", "Два орла и пять орлов."),
    "Морозов": ("Врач Морозов ответил.", "С Морозовым согласны.", "Мороз сильнее прежних морозов."),
    "Королёв": ("Конструктор Королев рад.", "С Королёвым говорили.", "Конкурс королев и одна королева."),
    "Котов": ("Космонавт Котов дома.", "У Котова праздник.", "Выставка котов: кот, ещё кот."),
    "Песков": ("Песков ответил прессе.", "Вопрос задали Пескову.", "Добыча песков, песок на пляже."),
    "Белых": ("Губернатор Белых рад.", "С Белых встретились.", "Много белых медведей, белый снег."),
    "Крымск": ("Паводок дошёл, Крымск ждёт.", "Дорога из Крымска закрыта.", "На Крымском мосту тихо."),
    "Роман": ("Актёр Роман рад.", "Приехали к Роману.", "Вышел роман, роман о любви."),
    "Вера": ("Певица Вера дома.", "Позвонили Вере.", "Нужна вера, вера в себя."),
    "Ли": ("Премьер Ли приехал.", "Встретились с Ли.", "Едва ли, вряд ли."),
    "Лавров": ("Министр Лавров ответил.", "Вопрос задали Лаврову.", "Венок из лавров, лавр и лавр."),
    "РАН": ("Президиум РАН решил.", "В РАН ответили.", "Лечение ран, рана и рана."),
    "ИИ": ("Развитие ИИ идёт.", "Об ИИ спорят.", "Письмо для Ии, актриса Ия и Ия."),
    "лавра": ("Здесь лавра стоит.", "Колокола лавры звонят.", "Лавром награждают, лавром украшают, пахнет лавром."),
    "аким": ("Городской аким рад.", "С акимом говорили.", "Вице-премьер Акимов: об Акимове."),
    "осёл": ("Дома осёл живёт.", "Купили осла.", "Она осела в городе, осела надолго, оно осело."),
}


@pytest.mark.parametrize("typed", MEANT)
def test_what_is_meant_by_how_a_word_is_written_comes_first(typed: str, tmp_path: Path) -> None:
    first, second, alien = MEANT[typed]
    door = archive_of(tmp_path, {"alien": alien, "first": f"{first} Тихо.", "second": f"{second} Тихо."})
    assert set(door.found(typed)[:2]) == {"first", "second"}


def test_nothing_is_lost_by_a_capital_where_a_sentence_begins(tmp_path: Path) -> None:
    door = archive_of(tmp_path, {"begins": "Волков стало больше.", "inside": "В лесу видели волков.", "none": "Лес."})
    for typed in ("волк", "Волки", "волков", "волками"):
        assert set(door.found(typed)) == {"begins", "inside"}


def test_in_capitals_a_query_means_what_it_means_in_small_letters(tmp_path: Path) -> None:
    door = archive_of(tmp_path, {"bear": "Белых медведей спасли.", "man": "Никита Белых рад, медведь спит."})
    assert door.found("БЕЛЫХ МЕДВЕДЕЙ") == door.found("белых медведей")
    assert set(door.found("Белых медведей", words="all")) == {"bear", "man"}


FULL = {
    "Юрий Алексеевич Вернов": {"short", "full", "turned", "initials"},
    "Вернов Юрий Алексеевич": {"short", "full", "turned", "initials"},
    "юрий алексеевич вернов": {"short", "full", "turned", "initials"},
    "Вернов Ю.А.": {"short", "full", "turned", "initials", "another"},
    "Ю. А. Вернов": {"short", "full", "turned", "initials", "another"},
    "вернов ю.а.": {"short", "full", "turned", "initials", "another"},
    'кто:"Юрий Алексеевич Вернов"': {"short", "full", "turned"},
    'кто:"Вернов Ю.А."': {"short", "full", "turned", "initials"},
    'кто:"Ю. Вернов"': {"short", "full", "turned", "initials"},
    'кто:"Елизавета Вторая"': {"queen", "second"},
    'кто:"Елизавета II"': {"queen", "second"},
}


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    texts = {
        "short": "Встреча с Юрием Верновым прошла тихо.", "full": "Юрий Алексеевич Вернов ответил.",
        "turned": "Вернов Юрий Алексеевич, дирижёр, рад.",
        "initials": "Вопрос задали: Ю. А. Вернов молчит, Юрий тоже.",
        "another": "Певица Анна Вернова рада: Ольга Вернова, Вернов.", "queen": "Королева Елизавета II дома.",
        "second": "Портрет Елизаветы Второй продан.",
    }  # fmt: skip
    return open_archive(archive_of(tmp_path_factory.mktemp("full"), texts).index)


@pytest.mark.parametrize("typed", FULL)
def test_a_full_name_finds_who_is_called_so(full: Archive, typed: str) -> None:
    assert set(found(full, typed)) == FULL[typed]


def test_who_is_called_so_is_offered_where_most_of_the_answer_is_about_such(tmp_path: Path) -> None:
    door = archive_of(
        tmp_path,
        {
            "1": "Конструктор Сергей Королёв рад.", "2": "С Сергеем Королёвым говорили.", "3": "Виталий Королёв дома.",
            "4": "Певец Роман Орлов рад.", "5": "Роман о весне.", "6": "Новый роман Анны.", "7": "Роман Орлов поёт.",
            "8": "Роман писателя и роман поэта.",
        },
    )  # fmt: skip
    offered = {"Королёв": "Сергей Королев", "королёву": "Сергей Королев", "Виталий Королёв": None, "роман": None,
               "Роман Орлов": "Роман Орлов", "кто:Королёв": None, "весна": None, "нет такого": None}  # fmt: skip
    archive = open_archive(door.index)
    assert {typed: archive.search(typed).person for typed in offered} == offered
    assert archive.search("Королёв", person="Сергей Королев").person is None
    client = create_app(Settings(index=door.index)).test_client()
    link = f'<a href="/person/{quote("Сергей Королев")}">Все статьи, где упоминается <bdi>Сергей Королёв</bdi>'
    assert link in client.get("/?q=Королёв").text
    assert "Все статьи, где упоминается" not in client.get("/?q=роман").text
    assert client.get("/api/search?q=Королёв").json["query"]["person"] == "Сергей Королев"
    assert "person" not in client.get("/api/search?q=роман").json["query"]
