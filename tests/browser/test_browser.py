"""The pages as people meet them: wide and narrow, light and dark, with scripts and without, by mouse and keyboard."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

import pytest

from search import Archive, Article, Settings
from search.analysis import Analyzer
from search.editorial.pins import Pins
from tests.oracle import OracleEngine
from web import create_app

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

BROWSER = os.environ.get("ARKHIV_TEST_BROWSER", "")
if not BROWSER:
    pytest.skip("no browser: ARKHIV_TEST_BROWSER names none", allow_module_level=True)

from playwright.sync_api import expect  # noqa: E402  (playwright is there only where a browser is)

from tests.browser.site import browsing, serving  # noqa: E402  (as above)

AXE = (Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")

EVIL = (
    '<script>hacked = 1</script>"><img src=x onerror="hacked = 1"><svg onload="hacked = 1">'
    " javascript:hacked=1 \u202eоборот\u0000\u0007{{ 7 * 7 }}"
)
HOSTILE = Article(
    f"зло/{EVIL}", f"Ключ {EVIL}", f"{EVIL}\n\n{EVIL}", lead=EVIL, url="javascript:hacked=1",
    published=date(2023, 5, 1), author=EVIL, author_role=EVIL, section=EVIL, tags=(EVIL,), source=EVIL, views=7,
    image="javascript:hacked=1", image_credit=EVIL,
)  # fmt: skip
PEOPLE = ("Приехали Олег Орлов и Анна Белова.", "Олегу Орлову вручили ключ.", "Пела Вера Орлова.")
CALLED = '<script>hacked</script>" {{ 7 * 7 }}'
TODAY = datetime.now(ZoneInfo("Asia/Almaty")).date()
ARTICLES = (
    HOSTILE,
    *(
        Article(
            f"n-{number}", f"Министр открыл школу номер {number}",
            f"В школе {number} учатся дети. Министр был рад. {PEOPLE[number % 3]}",
            lead="Новые школы", published=date(2018 + number % 7, 1 + number % 12, 1 + number % 28), views=number * 10,
            author="Дана Аменова", author_role="обозреватель", section="Общество", tags=("школы",),
            url=f"https://gazeta.example/{number}", source="МКИ",
        )
        for number in range(40)
    ),
    Article("без-даты", "Старая заметка", "Без даты и автора."),
    *(
        Article(f"year-{year}", f"В этот день {EVIL}", "Новость.", published=TODAY.replace(year=year), views=year)
        for year in (2008, 2012, 2016)
    ),
)  # fmt: skip
PAGES = {
    "home": "/", "search": "/?q=министр", "chosen": "/?q=министр&year=2020&month=3&section=Общество",
    "nothing": "/?q=абракадабра&year=2020", "archive": "/archive", "year": "/archive/2020",
    "month": "/archive/2020/3", "day": "/archive/2020/3/3", "article": "/article/n-5?q=школа",
    "hostile": "/article/" + quote(HOSTILE.id, safe="/"), "author": "/author/Дана Аменова?page=2",
    "person": "/person/Олег Орлов", "hostile person": f"/person/{quote(CALLED, safe='')}",
    "tag": f"/tag/{quote(EVIL, safe='')}", "today": "/today",
    "another day": "/today/2/29", "compare": "/compare?q=министр&q=школа&q=старая&q=дети&q=новые",
    "pinned": "/?q=школа", "nothing compared": "/compare",
    "shares": f"/compare?q={quote(EVIL)}&q=министр&measure=share&year=2020",
    "help": "/help", "api": "/api/docs", "desk": "/desk",
    "wrong": "/?q=школа&month=13", "missing": "/nothing",
}  # fmt: skip
REFUSED = {"wrong", "missing"}


class Visit:
    """One page of the browser and what went wrong on it."""

    def __init__(self, page: Page, base: str) -> None:
        self.page = page
        self.base = base
        self.faults: list[str] = []
        page.on("console", lambda message: message.type in {"error", "warning"} and self.faults.append(message.text))
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("request", lambda request: self._asked(request.url))

    def _asked(self, url: str) -> None:
        if urlsplit(url).scheme != "blob" and not url.startswith(f"{self.base}/"):
            self.faults.append(f"asked {url}")

    def open(self, path: str) -> Page:
        self.page.goto(self.base + path)
        return self.page

    def axe(self) -> list[str]:
        """What axe finds fault with."""
        self.page.evaluate(AXE)
        # What is in order is most of the answer, and is not looked at.
        violations: Any = self.page.evaluate('axe.run({resultTypes: ["violations"]}).then(found => found.violations)')
        return [f"{violation['id']}: {node['html'][:150]}" for violation in violations for node in violation["nodes"]]


def follow(page: Page, selector: str) -> None:
    """Click what leads to another page, and wait until that one is there: a click alone waits for its address."""
    with page.expect_navigation():
        page.click(selector)


def narrow(page: Page, selector: str) -> None:
    """Choose what narrows the results, which a telephone has on a sheet of its own; it may be folded away."""
    if page.locator(".to-filters").is_visible():
        page.click(".to-filters")
    folded = page.locator(f"details:not([open]):has({selector.partition(' >> ')[0]}) > summary")
    if not page.locator(selector).first.is_visible() and folded.count():
        folded.first.click()
    follow(page, selector)


Open = Callable[..., Visit]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing(BROWSER) as browser:
        yield browser


@pytest.fixture(scope="module")
def newspaper() -> Iterator[tuple[str, dict[str, str]]]:
    """The newspaper's own site: its address, and the one page that it has."""
    page: dict[str, str] = {}

    def site(_environ: Any, start: Any) -> list[bytes]:
        start("200 OK", [("Content-Type", "text/html; charset=utf-8")])
        return [page["html"].encode()]

    with serving(site) as address:
        yield address, page


@pytest.fixture(scope="module")
def archive(analyzer: Analyzer, tmp_path_factory: pytest.TempPathFactory) -> Archive:
    pinned = tmp_path_factory.mktemp("pins") / "pins.txt"
    pinned.write_text("школа = n-7, без-даты\n", "utf-8")
    names = tmp_path_factory.mktemp("names") / "names.txt"
    names.write_text(f"Вера Орлова = {CALLED}\n", "utf-8")
    engine = OracleEngine(Settings(names=str(names)), analyzer)
    with engine.writer() as writer:
        for article in ARTICLES:
            writer.add(article)
        writer.publish()
    return Archive(engine, analyzer, pins=Pins(pinned, analyzer))


@pytest.fixture(scope="module")
def base(archive: Archive, newspaper: tuple[str, dict[str, str]]) -> Iterator[str]:
    settings = Settings(site_name=f"Газета {EVIL}", embed_origins=(newspaper[0],))
    with serving(create_app(settings, lambda: archive)) as address:
        yield address


@pytest.fixture(scope="module")
def ordinary(archive: Archive, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The same archive at a newspaper with an ordinary name, whose editors have a token and can send mail."""
    settings = Settings(
        index=f"whoosh:{tmp_path_factory.mktemp('beside') / 'index'}", site_name="Казахстанская правда",
        editors_token="ключ", csv_rows=30, smtp="smtp://127.0.0.1:9", mail_from="Архив <news@gazeta.example>",
    )  # fmt: skip
    with serving(create_app(settings, lambda: archive)) as address:
        yield address


@pytest.fixture
def visit(browser: Browser, base: str) -> Iterator[Open]:
    contexts = []

    def visit(width: int = 1280, scheme: Any = "light", *, scripts: bool = True) -> Visit:
        size: Any = {"width": width, "height": 800}
        contexts.append(browser.new_context(viewport=size, color_scheme=scheme, java_script_enabled=scripts))
        return Visit(contexts[-1].new_page(), base)

    yield visit
    for context in contexts:
        context.close()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_every_page_can_be_used_by_everyone_and_asks_nobody_else(
    visit: Open, width: int, scheme: str, scripts: bool
) -> None:
    visitor = visit(width, scheme)
    if not scripts:  # axe is one itself: only those of the pages are taken away
        visitor.page.route("**/*.js?*", lambda route: route.fulfill(body="", content_type="text/javascript"))
    wrong: dict[str, Any] = {}
    for name, path in PAGES.items():
        page = visitor.open(path)
        faults = [fault for fault in visitor.faults if name not in REFUSED or "Failed to load resource" not in fault]
        faults += visitor.axe()
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            faults.append("is wider than the screen")
        if page.evaluate("typeof hacked") != "undefined":
            faults.append("was hacked")
        if faults:
            wrong[name] = faults
        visitor.faults.clear()
    assert wrong == {}


def test_the_first_hit_is_above_the_fold(visit: Open, ordinary: str) -> None:
    for path, width, height, most in (
        ("/?q=министр", 1440, 900, 340), ("/", 1440, 900, 340), ("/?q=министр", 360, 740, 380),
        ("/?q=менистр", 360, 740, 430), ("/archive/2020", 360, 740, 380), ("/?q=министр&year=2020", 360, 740, 430),
    ):  # fmt: skip
        page = visit(width).page
        page.set_viewport_size({"width": width, "height": height})
        page.goto(ordinary + path)
        box = page.locator(".hit").first.bounding_box()
        assert box is not None
        assert box["y"] <= most, (path, width, box["y"])


def test_no_page_is_wider_than_a_small_telephone_or_a_zoom_of_four(visit: Open) -> None:
    visitor = visit(320)
    for path in PAGES.values():
        page = visitor.open(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (320, "dark")])
def test_an_editor_makes_pauses_and_ends_an_alert(browser: Browser, ordinary: str, width: int, scheme: Any) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, java_script_enabled=width > 320,
        http_credentials={"username": "редактор", "password": "ключ"},
    )  # fmt: skip
    visitor = Visit(context.new_page(), ordinary)

    def looked_at() -> list[str]:
        wide = ["is wider than the screen"] * visitor.page.evaluate("document.documentElement.scrollWidth > innerWidth")
        return [*visitor.axe(), *wide, *visitor.faults] if width > 320 else wide

    page = visitor.open("/desk/alerts/new?q=министр&section=Общество")
    assert "Запрос «министр», рубрика «Общество»" in page.inner_text("main")
    page.fill("#mail", "не адрес")
    follow(page, "button:has-text('Сообщать')")
    assert "не адрес почты" in page.inner_text(".note")
    visitor.faults.clear()  # the browser tells of the 422
    assert looked_at() == []
    page.fill("#mail", "news@gazeta.example")
    page.select_option("#rate", "daily")
    follow(page, "button:has-text('Сообщать')")
    assert "Приходит раз в день" in page.inner_text("main")
    assert looked_at() == []
    follow(page, "text=Что пришло бы сегодня")
    assert "Министр открыл школу" in page.inner_text("main")
    assert looked_at() == []
    page.go_back()
    follow(page, "text=Приостановить")
    assert "Приостановлено" in page.inner_text("main")
    page.click("summary:has-text('Отключить')")
    follow(page, "button:has-text('Отключить насовсем')")
    assert "Оповещений пока нет" in page.inner_text("main")
    for path in ("/alerts/stop/nothing", "/desk/queries", "/desk"):
        visitor.open(path)
        assert looked_at() == [], path
    context.close()


def test_links_and_boxes_do_what_they_say(visit: Open, ordinary: str) -> None:
    page = visit().page
    for typed, word, narrowed in (("менистр", "7", 1), ("министр школа абракадабра", "7", 1), ("министр", "7", 1)):
        page.goto(f"{ordinary}/?q={typed}")
        total = int(page.inner_text("h1").split()[0])
        page.check("#within")
        page.fill("#q", word)
        follow(page, "button:has-text('Найти')")
        assert int(page.inner_text("h1").split()[0]) == narrowed < total, typed
    page.goto(f"{ordinary}/?q=менистр")
    feed = page.request.get(ordinary + page.get_attribute("a:has-text('JSON Feed')", "href")).json()  # type: ignore[operator]  # it is there
    assert len(feed["items"]) == 40
    follow(page, ".bar >> text=Сравнить")
    assert page.input_value("#q-1") == "министр"
    page.goto(f"{ordinary}/?q=менистр")
    follow(page, "text=Искать именно так")
    page.fill("#q", "абракадарба")
    follow(page, "button:has-text('Найти')")
    assert "correct" not in page.url
    page.goto(f"{ordinary}/?q=министр&year=2020")
    page.click("summary:has-text('Период')")
    with page.expect_navigation():
        page.click(".panel button")
    assert (page.url.count("from="), page.url.count("to=")) == (0, 0), "a clean address is shared"
    page.click("summary:has-text('Период')")
    follow(page, ".recent >> text=месяц")
    assert page.inner_text(".chips").startswith("с ")


def test_readers_are_not_offered_what_asks_for_a_password(visit: Open, ordinary: str) -> None:
    page = visit().page
    page.goto(f"{ordinary}/?q=министр")
    shown = page.locator(".taking a:visible").all_inner_texts()
    assert shown == ["Atom", "JSON Feed"], "of 40 hits the table is for editors, as csv_rows has it"
    page.evaluate("localStorage.setItem('arkhiv.desk', JSON.stringify({items: []}))")
    page.reload()
    assert page.locator(".taking a:visible").count() == 4
    assert page.locator("a:visible >> text=Сообщать о новом").count() == 1


def test_an_article_is_read_from_match_to_match_and_hit_to_hit(visit: Open, ordinary: str) -> None:
    page = visit().page
    page.goto(f"{ordinary}/?q=министр&page=2")
    titles = page.locator(".hit h2").all_inner_texts()
    follow(page, ".hit h2 a >> nth=0")
    assert page.input_value("#q") == "министр"
    page.click("text=К первому совпадению")
    assert page.inner_text(".matches [role=status]") == "Совпадение 1 из 1"
    follow(page, "text=Следующая →")
    assert page.inner_text("h1") == titles[1]
    follow(page, "text=← Предыдущая")
    follow(page, "text=← Предыдущая")
    follow(page, "text=К результатам")
    assert "page=" not in page.url, "the hit before was on the page before"
    plain = visit(scripts=False).page
    plain.goto(f"{ordinary}/article/n-5?q=министр")
    plain.click("text=К первому совпадению")
    assert plain.url.endswith("#match-1")
    assert plain.locator("#match-1").inner_text() == "Министр"
    plain.emulate_media(media="print")
    assert "URL: https://gazeta.example/5" in plain.inner_text(".printed >> visible=true")
    assert plain.locator("text=Как сослаться >> visible=true").count() == 0


@pytest.mark.parametrize(
    "name", ["q", "section", "author", "tag", "person", "year", "month", "from", "to", "sort", "page", "x"]
)
def test_a_hostile_parameter_is_shown_as_text(visit: Open, name: str) -> None:
    visitor = visit()
    for path in ("/?q=школа&", "/archive/2020?", "/article/n-5?"):
        page = visitor.open(f"{path}{name}={quote(EVIL)}")
        assert page.evaluate("typeof hacked") == "undefined"
        assert page.locator("main img, main svg[onload], body script").count() == 0
    assert [fault for fault in visitor.faults if "422" not in fault] == []


def test_results_are_painted_before_any_script_runs(visit: Open) -> None:
    page = visit().page
    held = []
    page.route("**/*.js?*", lambda route: held.append(route))  # never answered
    page.goto(f"{visit().base}/?q=министр", wait_until="commit")
    page.locator(".hit h2").first.wait_for()
    # Not `wait_for_function`: its second look would be a string that the page's policy forbids to evaluate.
    painted = "performance.getEntriesByName('first-contentful-paint').length"
    assert any(page.evaluate(painted) or page.wait_for_timeout(50) for _ in range(200))
    assert held
    for route in held:
        route.abort()


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_reader_searches_narrows_reads_and_comes_back(visit: Open, width: int, scripts: bool) -> None:
    page = visit(width, scripts=scripts).open("/")
    page.fill("#q", "министр")
    with page.expect_navigation():
        page.press("#q", "Enter")
    assert page.inner_text("h1") == "40 статей по запросу «министр»"
    narrow(page, ".years a:has-text('2020')")
    assert page.inner_text("h1") == "6 статей по запросу «министр»"
    narrow(page, ".months a >> nth=0")
    narrow(page, ".days a >> nth=0")
    assert page.inner_text("h1") == "1 статья по запросу «министр»"
    follow(page, ".chips a")
    page.click(".bar summary:has-text('по релевантности')")
    follow(page, "text=сначала старые")
    follow(page, "text=Следующая →")
    assert page.title().startswith("министр, 40 статей, сначала старые, страница 2 — ")
    assert "Страница 2 из 4" in page.inner_text("main")
    page.check("#within")
    page.fill("#q", "номер 7")
    follow(page, "button:has-text('Найти')")
    expect(page.locator(".hit")).to_have_count(1)
    follow(page, ".hit h2 a")
    assert {mark.lower() for mark in page.locator("article mark").all_inner_texts()} >= {"министр", "7"}
    assert page.input_value("#q") == "(министр) номер 7" or page.input_value("#q") == "министр номер 7"
    follow(page, "text=К результатам")
    expect(page.locator(".hit")).to_have_count(1)


def test_a_bar_of_the_timeline_leads_to_its_articles(visit: Open) -> None:
    page = visit().open("/?q=министр")
    follow(page, ".timeline a >> nth=0")
    assert page.inner_text(".chips").startswith("в 2018 году")
    page.click(".table summary")
    assert page.locator(".table tbody tr").count() == 6
    page.locator(".timeline a").first.focus()
    page.keyboard.press("End")
    assert page.evaluate("document.activeElement.textContent").startswith("декабрь 2018")
    assert page.locator(".timeline .value:visible").count() == 1
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "в декабре 2018 года" in page.inner_text(".chips")


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("width", [1280, 360])
def test_queries_are_compared_year_by_year_and_month_by_month(visit: Open, width: int, scripts: bool) -> None:
    page = visit(width, scripts=scripts).open("/?q=министр")
    follow(page, ".bar >> text=Сравнить")
    assert page.input_value("#q-1") == "министр"
    page.fill("#q-2", "школа")
    follow(page, ".compare button")
    assert page.locator(".legend li").count() == 2
    follow(page, "text=доля всех статей")
    assert page.locator("text.scale").first.text_content() == "100\u00a0%"
    follow(page, ".compared th a >> text=2020 год")
    assert page.inner_text("h1") == "Сравнение: 2020 год"
    assert page.locator(".compared tbody tr").count() == 6, "months without anything are left out"
    with page.expect_download() as download:
        page.click("text=таблица (CSV)")
    assert Path(download.value.path()).read_text("utf-8-sig").startswith('"Период";"Всего";"министр, %"')
    follow(page, ".timeline a >> nth=-1")
    assert page.locator(".chips").count() == 1
    assert page.locator(".hit").count()


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("width", [1280, 360])
def test_what_editors_pinned_comes_first_and_tags_narrow(visit: Open, width: int, scripts: bool) -> None:
    page = visit(width, scripts=scripts).open("/?q=школы")
    assert page.locator(".hit").nth(0).inner_text().startswith("ВЫБОР РЕДАКЦИИ")
    assert page.locator(".hit .pinned").count() == 2
    assert "Старая заметка" in page.locator(".hit").nth(1).inner_text()
    narrow(page, "#tags + ul a >> text=школы")
    assert page.locator(".hit .pinned").count() == 1, "the other one has not this tag"
    assert "тема: школы" in page.inner_text(".chips")


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("width", [1280, 360])
def test_people_narrow_and_lead_to_who_is_mentioned_with_them(visit: Open, width: int, scripts: bool) -> None:
    page = visit(width, scripts=scripts).open("/?q=министр")
    narrow(page, "#persons + ul a >> text=Анна Белова")
    assert page.inner_text("h1").startswith("14 статей")
    assert "упоминается: Анна Белова" in page.inner_text(".chips")
    page.goto(page.url.partition("/?")[0] + "/person/Олег Орлов")
    assert page.inner_text("h1") == "Олег Орлов"
    assert page.text_content("#persons") == "Упоминаются вместе"
    assert page.locator(".timeline a").count() == 7
    assert {mark.lower() for mark in page.locator(".hit mark").all_inner_texts()} >= {"олег", "орлову"}
    narrow(page, "#persons + ul a >> text=Анна Белова")
    assert page.inner_text("h1").startswith("14 статей")
    assert page.locator(".chips li").count() == 1


def test_popular_articles_are_chosen_by_period(visit: Open) -> None:
    page = visit(scripts=False).open("/article/n-5")
    assert page.locator(".tab:visible").count() == 1
    page.focus("#popular-2")
    page.press("#popular-2", "ArrowRight")
    page.click("label[for=popular-4]")
    assert page.locator(".tab:visible li").count() == 5


def test_the_desk_collects_from_several_searches(visit: Open) -> None:
    visitor = visit()
    page = visitor.open("/?q=министр")
    assert page.locator(".collect").count() == 0, "readers are not offered it"
    page = visitor.open("/desk")
    assert "Пока пусто" in page.inner_text("main")
    page = visitor.open("/?q=министр")
    first = page.locator(".hit h2").first.inner_text()
    page.locator(".collect").first.click()
    assert page.locator(".collect").first.inner_text() == "✓ В подборке"
    assert page.locator(".collect").first.get_attribute("aria-label") == f"Убрать из подборки: {first}"
    page = visitor.open("/article/" + quote(HOSTILE.id, safe="/"))
    page.click(".collect")
    page = visitor.open("/archive/2020/3/3")
    page.click(".collect")
    follow(page, ".desk:has-text('Подборка (3)')")
    titles = page.locator("#collected h2")
    assert titles.nth(0).inner_text() == first
    page.fill("#desk-title", "Школы")
    page.locator("#collected textarea").nth(0).fill('=1+1 "кавычки";+7 707\nвторая строка')
    page.locator(".down").nth(0).click()
    assert titles.nth(1).inner_text() == first
    assert "место 2" in page.inner_text("#said")
    assert visitor.axe() == []
    page.reload()
    assert page.input_value("#desk-title") == "Школы"
    assert page.locator("#collected textarea").nth(1).input_value().startswith("=1+1")
    with page.expect_download() as download:
        page.click("#csv")
    text = download.value.path().read_text("utf-8")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))
    assert text.startswith("\ufeff")
    assert [row[0] for row in rows] == ["№", "1", "2", "3"]
    assert rows[2][1:] == [
        first, rows[2][2], "Дана Аменова", rows[2][4], "министр", "'=1+1 \"кавычки\";'+7 707 вторая строка",
    ]  # fmt: skip
    assert rows[2][4].startswith(f"{visitor.base}/article/n-")
    page.emulate_media(media="print")
    assert page.locator("#collected h2:visible").count() == 3
    assert page.locator("button:visible, textarea:visible").count() == 1, "of the notes only the written one"
    page.emulate_media(media="screen")
    page.locator(".remove").nth(0).click()
    page.on("dialog", lambda dialog: dialog.accept())
    page.click("#clear")
    assert page.locator("#collected li").count() == 0
    assert (visitor.faults, page.evaluate("typeof hacked")) == ([], "undefined")


def test_what_stands_in_the_storage_is_not_trusted(visit: Open) -> None:
    visitor = visit()
    page = visitor.open("/desk")
    for kept in ('{"items": [{"id": "1", "title": "<img src=x onerror=hacked=1>", "page": "javascript:hacked=1"}, 5]}',
                 '"x"', "обрывок", '{"items": 3}'):  # fmt: skip
        page.evaluate("kept => localStorage.setItem('arkhiv.desk', kept)", kept)
        page.reload()
        assert page.locator("#collected a").count() == 0
    assert (visitor.faults, page.evaluate("typeof hacked")) == ([], "undefined")


@pytest.mark.parametrize("width", [1280, 360])
def test_suggestions_are_reached_by_keyboard(visit: Open, width: int) -> None:
    visitor = visit(width)
    page = visitor.open("/")
    page.fill("#q", "мини")
    options = page.locator("[role=option]")
    options.first.wait_for()
    assert page.get_attribute("#q", "aria-expanded") == "true"
    assert f"Подсказок: {options.count()}" in page.locator("[role=status]").inner_text()
    groups = page.locator("[role=listbox] > [role=group]")
    assert [group.get_attribute("aria-label") for group in groups.all()] == ["Слова", "Заголовки"]
    assert [heading.inner_text() for heading in groups.locator("[role=presentation]").all()] == ["Слова", "Заголовки"]
    assert visitor.axe() == []
    page.press("#q", "ArrowDown")
    chosen = page.locator("[aria-selected=true]")
    assert chosen.get_attribute("id") == page.get_attribute("#q", "aria-activedescendant") == "suggestion-0"
    page.press("#q", "ArrowUp")
    assert (chosen.count(), page.get_attribute("#q", "aria-activedescendant")) == (0, None)
    page.press("#q", "ArrowUp")
    assert chosen.get_attribute("id") == f"suggestion-{options.count() - 1}"
    page.press("#q", "Home")
    assert chosen.count() == 0
    assert page.evaluate("document.activeElement.selectionStart") == 0
    page.press("#q", "End")
    assert page.evaluate("document.activeElement.selectionStart") == 4
    page.press("#q", "Escape")
    assert (options.first.is_visible(), page.get_attribute("#q", "aria-expanded")) == (False, "false")
    page.press("#q", "ArrowDown")
    word = options.first.inner_text()
    page.press("#q", "Enter")
    page.wait_for_url("**/?q=*")
    assert page.input_value("#q") == word
    assert visitor.faults == []


def test_a_suggested_headline_leads_to_its_article(visit: Open) -> None:
    visitor = visit()
    page = visitor.open("/")
    page.fill("#q", "ключ")
    headline = page.locator("[role=option].headline").first
    headline.wait_for()
    assert "<script>" in headline.inner_text()
    headline.click()
    page.wait_for_url("**/article/**")
    assert (visitor.faults, page.evaluate("typeof hacked")) == ([], "undefined")


def test_a_suggested_person_is_shown_by_name_and_searched_for(visit: Open) -> None:
    visitor = visit()
    page = visitor.open("/")
    page.fill("#q", "кто:орл")
    person = page.get_by_role("group", name="Люди").get_by_role("option").first
    person.wait_for()
    name = person.inner_text()
    assert "кто:" not in name
    page.press("#q", "ArrowDown")
    page.press("#q", "Enter")
    page.wait_for_url("**/?q=*")
    assert page.input_value("#q") == f'кто:"{name}"'
    assert visitor.faults == []


@pytest.fixture
def embedded(visit: Open, base: str, newspaper: tuple[str, dict[str, str]]) -> Callable[[str], tuple[Page, list[str]]]:
    """A page of the newspaper with one of the elements of `/embed.js`, and what its console says."""

    def opened(element: str, style: str = "", script: str = "") -> tuple[Page, list[str]]:
        page = visit().page
        if script:
            page.add_init_script(script)
        faults: list[str] = []
        page.on("console", lambda message: faults.append(message.text))
        address, kept = newspaper
        kept["html"] = (
            '<!doctype html><html lang="ru"><link rel="icon" href="data:,"><title>Газета</title>'
            f'<style>{style}</style><script type="module" src="{base}/embed.js"></script>'
            f"<{element}></{element.split()[0]}>"
        )
        page.goto(address)
        return page, faults

    return opened


def test_the_box_works_on_a_page_of_the_newspaper(embedded: Callable[[str], tuple[Page, list[str]]], base: str) -> None:
    page, faults = embedded("arkhiv-search")
    page.fill("arkhiv-search input", "мини")
    page.locator("arkhiv-search [role=option]").first.wait_for()
    page.press("arkhiv-search input", "ArrowDown")
    page.press("arkhiv-search input", "Enter")
    page.wait_for_url(f"{base}/?q=*")
    assert page.locator(".hit").count() > 0
    assert faults == []


def test_the_box_works_in_an_older_browser_on_a_light_page_of_a_dark_system(
    embedded: Callable[..., tuple[Page, list[str]]],
) -> None:
    older = """
      globalThis.CSSStyleSheet = class { constructor() { throw new TypeError("Illegal constructor"); } };
      delete HTMLFormElement.prototype.requestSubmit;
      for (const name of ["role", "ariaLabel", "ariaSelected", "ariaHidden"]) delete Element.prototype[name];
    """
    page, faults = embedded("arkhiv-search", "body { background: #fff; font: 13px/1.2 monospace }", older)
    page.emulate_media(color_scheme="dark")
    page.fill("arkhiv-search input", "мини")
    page.locator("arkhiv-search [role=option][aria-selected=false]").first.wait_for()
    assert page.locator("arkhiv-search [role=listbox][aria-label]").count() == 1
    style = "e => { const s = getComputedStyle(e); return [s.backgroundColor, s.fontSize, s.position, s.fontFamily] }"
    assert page.eval_on_selector("arkhiv-search input", style) == ["rgb(255, 255, 255)", "13px", "static", "monospace"]
    hint = "e => { const s = getComputedStyle(e, '::placeholder'); return [s.color, s.opacity] }"
    assert page.eval_on_selector("arkhiv-search input", hint) == ["rgb(0, 0, 0)", "0.75"], "a contrast of 10"
    page.press("arkhiv-search input", "ArrowDown")
    page.press("arkhiv-search input", "Enter")
    page.wait_for_url("**/?q=*")
    assert faults == []


def test_this_day_has_a_limit_and_a_heading(embedded: Callable[..., tuple[Page, list[str]]]) -> None:
    page, faults = embedded('arkhiv-today limit="2" heading="В этот <b>день"', "body { font: 13px/1.2 monospace }")
    page.locator("arkhiv-today a").first.wait_for()
    assert page.locator("arkhiv-today li").count() == 2
    assert page.locator("arkhiv-today h2").inner_text() == "В этот <b>день"
    assert page.eval_on_selector("arkhiv-today li", "e => getComputedStyle(e).fontFamily") == "monospace"
    assert faults == []


def test_this_day_stands_on_a_page_of_the_newspaper(
    embedded: Callable[[str], tuple[Page, list[str]]], base: str
) -> None:
    page, faults = embedded("arkhiv-today")
    page.locator("arkhiv-today a").first.wait_for()
    lines = page.locator("arkhiv-today li").all_inner_texts()
    assert [line[:4] for line in lines[-3:]] == ["2016", "2012", "2008"]
    assert "<script>" in lines[-1]
    assert page.evaluate("typeof hacked") == "undefined"
    page.locator("arkhiv-today a").last.click()
    page.wait_for_url(f"{base}/article/year-2008")
    assert faults == []


def test_what_was_typed_before_the_script_came_is_suggested_for(visit: Open) -> None:
    page = visit().page
    held = []
    page.route("**/combobox.js*", lambda route: held.append(route))
    with page.expect_request("**/combobox.js*"):
        page.goto(f"{visit().base}/", wait_until="commit")
        page.locator("#q").fill("мини")
    page.wait_for_timeout(100)  # for the route to be handed over
    assert held
    for route in held:
        route.continue_()
    page.locator("[role=option]").first.wait_for()
