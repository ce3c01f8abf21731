"""Who is mentioned: names as texts have them, corrections as editors write them, and what readers are shown."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from search import Settings, UserError
from search.analysis.persons import mentioned, mentions
from search.editorial.persons import read_corrections
from tests.door import Door
from tests.test_web import HOSTILE, Page
from web import create_app

# The names in a text, each once, with commas between; of what can be read in several ways all readings.
READ = {
    "Встретились Иван Петров и Анна Белова.": "Иван Петров, Анна Белова",
    "с Иваном Петровым, об Анне Беловой": "Иван Петров, Анна Белова|Анне Белова",
    "Петров Иван Сергеевич; Белову Анну Ивановну": "Иван Петров, Анна Белова",
    "Ивана Сергеевича Петрова": "Иван Петров",
    "с Касым-Жомартом Токаевым": "Касым-Жомарт Токаев",
    "Касым-Жомарта Токаева": "Касым-Жомарта Токаева|Касым-Жомарт Токаев",
    "Жан-Клод Юнкер и Жана-Клода Юнкера": "Жан-Клод Юнкер",
    "А. С. Пушкин, Токаев К.-Ж. К., К.Токаева": "А. С. Пушкин, К.-Ж. К. Токаев, К. Токаева|К. Токаев",
    "Салтыкова-Щедрина читал Михаил Салтыков-Щедрин": "Михаил Салтыков-Щедрин",
    "Урсулу фон дер Ляйен и Леонардо Ди Каприо": "Урсула фон дер Ляйен, Леонардо Ди Каприо",
    "Елизавете II и Иоанну Павлу II": "Елизавета II, Иоанн Павел II",
    "Си Цзиньпина и Ким Чен Ына": "Си Цзиньпин|Си Цзиньпина, Ким Чен Ын|Ким Чен Ына",
    "Александру Лукашенко": "Александр Лукашенко|Александра Лукашенко",
    "Ангела Меркель, Ангелой Меркель": "Ангела Меркель",
    "Айгуль Смагулова, Айгуль Смагуловой": "Айгуль Смагулова",
    "Бақытжан Сағынтаев": "Бақытжан Сағынтаев",
    "Реджеп Тайип Эрдоган": "Реджеп Тайип Эрдоган",
    "Джорджа Буша-младшего": "Джордж Буш-младший",
    "Пётр Семёнов, Петра Семенова": "Петр Семенов, Петра Семенова|Петр Семенов",
    "Барака Обамы": "Барак Обама",
    "Аркадий Дворкович с Юрием Григоровичем, Аркадию Заневичу": "Аркадий Дворкович, Юрий Григорович, Аркадий Заневич",
    "Романа Протасевича, Якубовича Леонида Аркадьевича": "Роман Протасевич, Леонид Якубович",
    "с Анной Юревич, у Светланы Алексиевич и Новака Джоковича": "Анна Юревич, Светлана Алексиевич, Новак Джокович",
    "Иван Петрович, у Касым-Жомарта Кемелевича, Ержан Бекжанович": "",
    "Андрея Лугового, Никита Нагорный, Елена Бережная": "Андрей Луговой, Никита Нагорный, Елена Бережная",
    "С Еленой Бережной и Петром Нагорным": "Елена Бережная, Петр Нагорный",
    "о Марии Луговой, Агафье Лыковой": "Мария Луговая|Мария Лугова, Агафья Лыкова",
    "Людмилы Осадчей, Илью Асадчего, Яном Непомнящим": "Людмила Осадчая, Илья Асадчий, Ян Непомнящий",
    "Алексея Навального": "Алексей Навальный",
    "Владимир Областной Суд, Светлана Новая": "",
    "Олимпиада Сочинская, Херсонес Таврический, Калининградский Кирилл": "",
    "Леонида Рошаля, Валерию Чкалову, Елена Ваенга": "Леонид Рошаль, Валерий Чкалов, Елена Ваенга",
    "Анна Москва, Н. Новгород": "",
    "премьер Израиля Биньямин Нетаньяху": "Биньямин Нетаньяху",
    "премьера Израиля Биньямина Вернера": "Биньямин Вернер",
    "Камалу Харрис, Каи Каллас, Терезой Мэй": "Камала Харрис, Кая Каллас, Тереза Мэй",
    "Шэрон Стоун, Эммануэля Макрона, Эмманюэль Макрон": "Шэрон Стоун, Эммануэль Макрон, Эмманюэль Макрон",
    "Чарли Роузом, Богдана Эберта": "Чарли Роуз|Чарли Роузом, Богдан Эберт|Богдана Эберта",
    "Пхумипона Адульядета": "Пхумипон Адульядет|Пхумипона Адульядета",
    "Майя Санду, Дима Билан": "Майя Санду, Дима Билан",
    "Николаю Второму, Елизаветой Второй, Алексия Второго": "Николай II, Елизавета II, Алексий II",
    "Иоанна Павла Второго, Иоанну Павлу": "Иоанн Павел II, Иоанн Павел",
    "Петра Великого, Екатерине Великой, Юрия Долгорукого": "Петр Великий, Екатерина Великая, Юрий Долгорукий",
    "Николая Чудотворца, Георгием Победоносцем": "Николай Чудотворец, Георгий Победоносец",
    "Иисуса Христа, Ильёй Муромцем": "Иисус Христос, Илья Муромец",
    "Игоря Коломийца, Ивана Швеца, Франца Шварца": "Игорь Коломиец, Иван Швец, Франц Шварц",
    "Слава Богу, в Мультимедиа Арт Музее, Арт Музей": "",
    "Қосановты Әбілазов": "",
    "Шойгу С.К., С. К. Шойгу": "С. К. Шойгу",
    "Урсулы Ле Гуин, Константина Эрнста, Джузеппе Конте": "Урсула Ле Гуин, Константин Эрнст, Джузеппе Конте",
    "Гейдар оглы Алиев, Усаму бин Ладена": "Усама бин Ладен",
    "на улице Абая Кунанбаева": "",
    "на\u00a0улице Абая Кунанбаева": "",
    "Ремонт.\nУлица Абая Кунанбаева (улица Абая Кунанбаева)": "",
    "имени\u00a0«Абая Кунанбаева»": "",
    "университет имени Аль-Фараби, им. Каныша Сатпаева": "",
    "в театре Евгения Вахтангова": "",
    "Миллера Иванов район": "",
    "ИВАН ПЕТРОВ И АННА БЕЛОВА": "",
    "словоИван Петров": "",
    "Президент Республики Казахстан": "",
    "Папа Римский Франциск": "",
    "John Smith и Ivan Petrov": "",
    "Роман Толстого": "",
    "Александр Александрович, с Иваном Александровичем": "",
    "Ивану Александровичу Петрову и Роману Абрамовичу": "Иван Петров, Роман Абрамович",
    "Герой России, Банк России": "",
    "братья Зияддин Сафаровы": "",
    "Иван. Петров": "",
    "Петров. Иван Белов": "Иван Белов",
    "Иван Петров Сергей Белов": "Иван Петров, Сергей Белов",
    f"Иван П{'е' * 500}тров": "",
    f"Иван {'Пе-' * 200}тров": "",
    "И. И. И. И. И.": "",
    "": "",
}  # fmt: skip


@pytest.mark.parametrize("text", READ)
def test_names_are_read_as_they_stand_in_texts(text: str) -> None:
    assert ", ".join(dict.fromkeys(map("|".join, mentions(text)))) == READ[text]


def test_an_article_tells_more_of_its_names() -> None:
    assert mentioned(["Речь Валентина Серова."]) == (("Валентина Серова", "Валентин Серов"),)
    assert mentioned(["Речь Валентина Серова.", "Валентин Серов пришёл."]) == (("Валентин Серов",),)
    assert mentioned(["К. Токаев", "", "Касым-Жомарта Токаева и К. Токаева"]) == mentioned(["Касым-Жомарта Токаева"])
    assert mentioned(["К. Токаев и Н. Токаев"]) == (("К. Токаев",), ("Н. Токаев",))


def test_a_woman_with_a_name_like_a_mans_is_told_by_her_other_cases() -> None:
    assert mentioned(["С Джорджей Мелони. Речь Джорджи Мелони и Джорджу Мелони, Джорджа Мелони."]) == (
        ("Джорджа Мелони",),
    )


def test_no_text_costs_much_more_than_another() -> None:
    name = "Иван Петров"
    costs = {}
    for kind, text in {
        "names": f"{name}, ", "row": f"{name} ", "new": "", "initials": "И. И. ", "hyphens": "Аа-Бб-",
        "capitals": "ИВАН ", "one word": "А", "half": "Иван ",
    }.items():  # fmt: skip
        new = ", ".join(f"Иван {_surname(n)}" for n in range(10_000, 14_000))
        long = new if kind == "new" else text * (100_000 // len(text))
        began = time.perf_counter()
        mentioned([long])
        costs[kind] = time.perf_counter() - began
    assert max(costs.values()) < 2, costs


def test_a_list_of_a_thousand_people_is_a_thousand_people(tmp_path: Path) -> None:
    names = [f"{first} {last}" for first in ("Иван", "Олег", "Анна", "Вера") for last in map(_surname, range(250))]
    door = Door(tmp_path)
    door.take_in(door.write("a.jsonl", json.dumps({"id": "1", "title": "Список", "text": ", ".join(names)})))
    assert door.found(person="Олег Кобабаев") == ["1"]
    assert all(door.found(person=name) == ["1"] for name in names[::97])


def _surname(number: int) -> str:
    letters = "бвгдзклмнп"
    return "Ко" + "".join(letters[int(digit)] + "а" for digit in f"{number:03}") + "ев" if number else "Кобабаев"


# -- corrections


def corrections(tmp_path: Path, text: str) -> dict[str, str]:
    file = tmp_path / "names.txt"
    file.write_text(text, "utf-8")
    return dict(read_corrections(str(file)).called)


def test_corrections_are_read_as_names_of_articles_are(tmp_path: Path) -> None:
    text = "\ufeff# все\n\nТокаев К.-Ж. К.,  Токаев Касым-Жомарт = Касым-Жомарт  Токаев # он\nДимаш = Димаш Кудайберген"
    assert corrections(tmp_path, text) == {
        "К.-Ж. К. Токаев": "Касым-Жомарт Токаев",
        "Димаш": "Димаш Кудайберген",
    }
    chain = "А. Белов = Антон Белов\nАнтон Белов = Андрей Белый\nАндрей Белый = Андрей Белый"
    assert set(corrections(tmp_path, chain).values()) == {"Андрей Белый"}


def test_a_correction_without_effect_is_warned_about(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    corrections(tmp_path, "ТОКАЕВ КАСЫМ = Касым-Жомарт Токаев\n! улица Абая\nИван Белов = он")
    assert [record.message.partition("names.txt:")[2] for record in caplog.records] == [
        "1: 'ТОКАЕВ КАСЫМ' is not read as a name in any article: it changes nothing",
        "2: 'улица Абая' is not read as a name in any article: it changes nothing",
    ]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Иван Петров", "1: neither «name, name = name» nor «! name»"),
        ("\nИван Петров = Пётр Иванов = Олег", "2: neither"),
        (" = Иван Петров", "1: a side without a name"),
        ("Иван Петров = ", "1: a side without a name"),
        ("!", "1: a side without a name"),
        ("Иван Петров = Пётр|Иванов", "1: 'Петр|Иванов' is no name"),
        ("Иван Белов = Олег Орлов\nОлег Орлов = Иван Белов", "1: a circle: Иван Белов = Олег Орлов = Иван Белов"),
        ("А. Белов = Б. Белов\nБ. Белов = В. Белов\nВ. Белов = Б. Белов", "a circle: "),
        ("Иван Белов = Олег Орлов\nИван Белов = Пётр Орлов", "2: 'Иван Белов' is called 'Олег Орлов' in line 1"),
        ("! Олег Орлов\nИван Белов = Олег Орлов", "2: 'Олег Орлов' is nobody in line 1"),
        ("! Орлов Олег\nИван Белов = орлов, Олег Орлов", "2: 'орлов, Олег Орлов' is nobody in line 1"),
        ("И. Белов = Иван Белов\n! Белов И.", "1: 'И. Белов' is nobody in line 2"),
    ],
)
def test_a_wrong_correction_is_named_by_its_line(tmp_path: Path, text: str, wrong: str) -> None:
    with pytest.raises(UserError, match="names") as error:
        corrections(tmp_path, text)
    assert f"{tmp_path / 'names.txt'}:" in str(error.value)
    assert wrong in str(error.value)


def test_wrong_corrections_leave_the_archive_as_it_was(tmp_path: Path) -> None:
    door = Door(tmp_path)
    source = door.write("a.jsonl", json.dumps({"id": "1", "title": "Пришёл Иван Белов", "text": ""}))
    door.write("arkhiv.toml", f'index = "{door.index}"\nnames = "{tmp_path / "names.txt"}"\n')
    assert "cannot be read" in door.take_in(source, code=2).output
    door.write("names.txt", "Белов Иван = Андрей Белый\n")
    door.take_in(source)
    assert (door.found(person="Андрей Белый"), door.found(person="Иван Белов")) == (["1"], [])
    door.write("names.txt", "Белов Иван = Иван Белов = он\n")
    assert "names.txt:1: neither" in door.take_in(source, code=2).output
    door.write("names.txt", b"\xff\xfe")
    assert "cannot be read" in door.take_in(source, code=2).output
    assert door.found(person="Андрей Белый") == ["1"]
    door.write("names.txt", "! Иван Белов\n")
    assert "0 indexed, 1 unchanged" in door.take_in(source).output
    assert door.found(person="Андрей Белый") == door.found("кто:белов") == []


# -- what readers are shown

BOTH = "Касым-Жомарт Токаев принял Анну Белову. "
ARTICLES: list[dict[str, Any]] = [
    {"id": "1", "title": "Приём", "text": BOTH * 9, "published": "2024-05-17", "section": "Политика"},
    {"id": "2", "title": "Встреча с Касым-Жомартом Токаевым", "text": "О воде.", "published": "2023-02-01"},
    {"id": "3", "title": "Письмо", "text": "Анне Беловой от Токаева К.-Ж. К.", "published": "2022-01-01"},
    {"id": "4", "title": "Указ", "text": f"{BOTH} И Олег О'Хара. {HOSTILE}", "published": "2024-06-01"},
    {"id": "5", "title": "Хлеб", "text": "Без людей.", "published": "2024-06-02"},
]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    door = Door(tmp_path_factory.mktemp("people"))
    door.take_in(door.write("export.jsonl", "\n".join(map(json.dumps, ARTICLES))))
    return create_app(Settings(index=door.index, site_name="Газета")).test_client()


def read(client: FlaskClient, path: str) -> Page:
    response = client.get(path)
    assert response.status_code == 200
    return Page(response.text)


def test_the_people_of_what_is_found_stand_beside_it(client: FlaskClient) -> None:
    answer = client.get("/api/search").json
    assert answer["facets"]["persons"] == [
        {"value": "Анна Белова", "count": 3},
        {"value": "Касым-Жомарт Токаев", "count": 3},
    ]
    text = client.get("/").text
    assert "Кто упоминается" in text
    assert f"/?person={quote('Касым-Жомарт Токаев').replace('%20', '+')}" in text
    assert "Кто упоминается" not in client.get("/?q=хлеб").text


@pytest.mark.parametrize("path", ["/api/search", "/export.csv", "/export.jsonl", "/feed.atom", "/feed.json", "/"])
def test_a_person_narrows_everything_that_is_found(client: FlaskClient, path: str) -> None:
    narrowed = client.get(path, query_string={"person": "Касым-Жомарт Токаев"})
    assert narrowed.status_code == 200
    assert [title in narrowed.text for title in ("Приём", "Встреча", "Указ", "Письмо", "Хлеб")] == [True] * 3 + [
        False
    ] * 2


def test_a_person_has_a_page(client: FlaskClient) -> None:
    page = client.get("/person/Касым-Жомарт Токаев")
    assert page.status_code == 200
    assert "<bdi>Касым-Жомарт Токаев</bdi>" in page.text
    assert "Упоминаются вместе" in page.text
    assert 'name="robots" content="noindex"' in page.text
    both = "/?q=" + quote('кто:="Анна Белова"', safe="").replace("%20", "+") + "&amp;person="
    assert both in page.text
    assert client.get("/?q=кто:%22Анна Белова%22&person=Касым-Жомарт Токаев").text.count('class="hit"') == 2
    assert "<mark>Токаевым</mark>" in page.text
    assert "Токаев</mark>" in client.get("/article/1?person=Касым-Жомарт Токаев").text
    assert "Анну</mark>" in client.get('/article/1?q=кто:"анна белова"').text
    assert f'href="/person/{quote("Анна Белова")}"' in client.get("/?q=встреча | приём&person=Анна Белова").text
    assert client.get("/person/касым-жомарт токаев").headers["Location"] == quote("/person/Касым-Жомарт Токаев")
    for nobody in ("Токаев", "Никто Нигдеев", HOSTILE, "%00"):
        assert client.get(f"/person/{quote(nobody, safe='')}").status_code == 404


def test_a_name_can_be_asked_for_in_the_query(client: FlaskClient) -> None:
    found = client.get("/api/search", query_string={"q": "кто:токаев"}).json
    assert {hit["id"] for hit in found["hits"]} == {"1", "2", "3", "4"}
    marked = client.get("/api/search", query_string={"q": 'кто:"токаев касым"'}).json["hits"]
    assert [("<mark>" in hit["title_html"] + hit["snippet_html"]) for hit in marked] == [True] * 3
    assert client.get("/api/search", query_string={"person": ""}).status_code == 422
    assert client.get("/api/search", query_string={"person": HOSTILE}).json["total"] == 0


def test_people_are_asked_for_at_the_command_line(tmp_path: Path) -> None:
    door = Door(tmp_path)
    door.take_in(door.write("export.jsonl", "\n".join(map(json.dumps, ARTICLES))))
    told = json.loads(door.run("search", "--json", "--person", "Анна Белова", "").output)
    assert {hit["id"] for hit in told["hits"]} == {"1", "3", "4"}
    assert told["facets"]["persons"][0] == {"value": "Анна Белова", "count": 3}


def test_an_archive_that_knows_nobody_says_so(tmp_path: Path) -> None:
    door = Door(tmp_path)
    source = door.write("export.jsonl", "\n".join(map(json.dumps, ARTICLES)))
    door.write("arkhiv.toml", f'index = "{door.index}"\npersons = false\n')
    door.take_in(source)
    client = create_app(Settings(index=door.index, persons=False)).test_client()
    assert client.get("/api/search").json["facets"]["persons"] == []
    assert client.get("/person/Анна Белова").status_code == 404
    door.write("arkhiv.toml", f'index = "{door.index}"\n')
    refusal = "built with the setting persons false, the settings ask for true (version 2); run: indexer rebuild --full"
    assert refusal in door.take_in(source, code=1).output
    door.run("rebuild", "--full", source)
    assert door.found(person="Анна Белова") == ["4", "1", "3"]


def test_a_name_is_shown_with_the_letters_of_the_newspaper_and_meant_with_either(tmp_path: Path) -> None:
    door = Door(tmp_path)
    texts = ("Егор Ёлкин и Фёдор Коваленко пели.", "Пели Фёдор Коваленко и Егор Ёлкин.", "Пел Петр Мамонов.") * 2
    records = ({"id": str(n), "title": f"Концерт {n}", "text": text} for n, text in enumerate(texts))
    door.take_in(door.write("a.jsonl", "".join(json.dumps(record) + "\n" for record in records)))
    client = create_app(Settings(index=door.index)).test_client()
    home = Page(client.get("/").text)
    for shown in ("Егор Ёлкин 4", "Фёдор Коваленко 4", "Петр Мамонов 2"):  # whom it writes without
        assert shown in home.links()
    assert "по просмотрам" not in home.links(), "nobody has viewed any"
    for name in ("Фёдор Коваленко", "Федор Коваленко"):
        page = client.get(f"/person/{name}").text
        assert "<h1><bdi>Фёдор Коваленко</bdi></h1>" in page
        assert "Егор Ёлкин</bdi>" in page.partition("Упоминаются вместе")[2]
        chosen = Page(client.get("/", query_string={"person": name}).text)
        assert {"упоминается: Фёдор Коваленко — убрать×", "Фёдор Коваленко 4 — убрать×"} <= set(chosen.links())
