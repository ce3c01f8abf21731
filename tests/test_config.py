"""Settings: the defaults, and what the file and the environment lay over them."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from search.config import Settings, SourceSettings, load_settings
from search.errors import UserError


def test_an_empty_environment_gives_the_defaults() -> None:
    assert load_settings({}) == Settings()


def test_the_default_zone_is_that_of_almaty() -> None:
    assert Settings().zone.key == "Asia/Almaty"


def test_every_setting_is_read_from_its_variable() -> None:
    settings = load_settings(
        {
            "ARKHIV_INDEX": "whoosh:elsewhere",
            "ARKHIV_TIMEZONE": "Europe/Moscow",
            "ARKHIV_SITE_NAME": "Вестник",
            "ARKHIV_IMAGE_HOSTS": "a.example, b.example ,,",
            "ARKHIV_MAX_TEXT": "5000",
            "ARKHIV_RECENCY": "0",
            "PATH": "/usr/bin",
        }
    )
    assert settings.index == "whoosh:elsewhere"
    assert settings.zone.key == "Europe/Moscow"
    assert settings.site_name == "Вестник"
    assert settings.image_hosts == ("a.example", "b.example")
    assert settings.max_text == 5000
    assert settings.recency == 0


@pytest.mark.parametrize("text", ["", "-1", "1.5", "много", "١٢", "5 000", "1" * 20])
def test_a_number_that_is_none_is_named_with_its_variable(text: str) -> None:
    with pytest.raises(UserError) as error:
        load_settings({"ARKHIV_MAX_TEXT": text})
    assert error.value.parameter == "ARKHIV_MAX_TEXT"


@pytest.mark.parametrize("zone", ["", "Алматы", "Asia/Nowhere", "../etc/passwd", "/etc/localtime", "Asia", "a\x00b"])
def test_a_zone_that_is_none_is_named_with_its_variable(zone: str) -> None:
    with pytest.raises(UserError) as error:
        load_settings({"ARKHIV_TIMEZONE": zone})
    assert error.value.parameter == "ARKHIV_TIMEZONE"


def test_an_unknown_variable_is_warned_about_and_no_more(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="arkhiv"):
        assert load_settings({"ARKHIV_INDEKS": "whoosh:x", "ARKHIV_TEST_CLUSTER": "1"}) == Settings()
    assert "ARKHIV_INDEKS" in caplog.text
    assert "ARKHIV_TEST_CLUSTER" not in caplog.text


def test_the_constants_of_ranking_are_no_variable(caplog: pytest.LogCaptureFixture) -> None:
    assert load_settings({"ARKHIV_RANKING": "1"}) == Settings()
    assert "ARKHIV_RANKING" in caplog.text


def test_settings_are_frozen() -> None:
    with pytest.raises(AttributeError):
        Settings().index = "другой"  # type: ignore[misc]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


WHOLE = """
index = "whoosh:elsewhere"
timezone = "Europe/Moscow"
site_name = "Вестник"
image_hosts = ["a.example", "b.example"]
max_text = 5000

[sections]
"Общество и люди" = "Общество"

[[sources]]
url = "sqlite:///news.db"
table = "news"
columns = {text = "body"}
"""


def test_the_file_of_the_folder_is_laid_over_the_defaults(folder: Path) -> None:
    (folder / "arkhiv.toml").write_text(WHOLE, "utf-8")
    assert load_settings({}) == Settings(
        index="whoosh:elsewhere",
        timezone="Europe/Moscow",
        site_name="Вестник",
        image_hosts=("a.example", "b.example"),
        max_text=5000,
        sections={"Общество и люди": "Общество"},
        sources=(SourceSettings("sqlite:///news.db", "news", columns={"text": "body"}),),
    )


def test_the_environment_is_laid_over_the_file(folder: Path) -> None:
    (folder / "arkhiv.toml").write_text(WHOLE, "utf-8")
    settings = load_settings({"ARKHIV_INDEX": "whoosh:third", "ARKHIV_IMAGE_HOSTS": ""})
    assert (settings.index, settings.image_hosts, settings.max_text) == ("whoosh:third", (), 5000)


def test_a_file_named_by_the_environment_replaces_the_one_there(folder: Path) -> None:
    (folder / "arkhiv.toml").write_text("max_text = 1", "utf-8")
    (folder / "other.toml").write_text("\ufeffsources = ['export.jsonl', 'pages']", "utf-8")
    settings = load_settings({"ARKHIV_CONFIG": str(folder / "other.toml")})
    assert (settings.max_text, settings.sources) == (1_000_000, ("export.jsonl", "pages"))


def test_a_file_that_is_not_there_is_an_error_that_names_it(folder: Path) -> None:
    with pytest.raises(UserError, match=r"nowhere\.toml: cannot be read: No such file"):
        load_settings({"ARKHIV_CONFIG": "nowhere.toml"})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("indeks = 'x'", "unknown key 'indeks'; did you mean 'index'?"),
        ("Timezone = 'UTC'", "unknown key 'Timezone'; did you mean 'timezone'?"),
        (
            "xyzzy = 1",
            "unknown key 'xyzzy'; there are: alert_flood, alerts, cluster, csv_rows, editors_token, embed_origins",
        ),
        ("ranking = {k1 = 2}", "unknown key 'ranking'"),
        ("[[sources]]\nurl = 'sqlite:///a'\ntabel = 'b'", "in sources: unknown key 'tabel'; did you mean 'table'?"),
        (
            "[[sources]]\nurl = 'sqlite:///a'\ntable = 'b'\ncolumns = {titel = 'c'}",
            "in columns: unknown key 'titel'; did you mean 'title'?",
        ),
        ("[[sources]]\ntable = 'b'", "sources[0]: a source has either a url or a path"),
        ("[pages]\ntitel = 'h1'", "in pages: unknown key 'titel'; did you mean 'title'?"),
        ("[pages]\ntitle = 1", "pages"),
        ("[[sources]]\nurl = 'sqlite:///a'", "sources: of a database, either a table or a query"),
        ("[[sources]]\nurl = 'a'\ntable = 'b'\nquery = 'c'", "sources: of a database, either a table or a query"),
        ("index = 5", "index: has to be a text, not a whole number"),
        ("max_text = '5'", "max_text: has to be a whole number, not a text"),
        ("max_text = true", "max_text: has to be a whole number, not true or false"),
        ("max_text = -1", "max_text: has to be a whole number from 0"),
        ("image_hosts = 'a.example'", "image_hosts: has to be a list, not a text"),
        ("sources = ['a', 5]", "sources[1]: has to be a text or a table, not a whole number"),
        ("sources = 5", "sources: has to be a list, not a whole number"),
        ("sections = {a = 1}", "sections[...]: has to be a text, not a whole number"),
        ("timezone = 'Алматы'", "timezone: 'Алматы' is not a time zone"),
        ("recency = -1", "recency: has to be a whole number from 0"),
        ("max_shrink = 101", "max_shrink: has to be a whole number up to 100"),
        ("max_ahead = -1", "max_ahead: has to be a whole number from 0"),
        ("csv_rows = -1", "csv_rows: has to be a whole number from 0"),
        ("query_days = 0", "query_days: has to be a whole number from 1"),
        ("cluster = {shards = 0}", "cluster.shards: has to be a whole number from 1"),
        ("cluster = {replicas = -1}", "cluster.replicas: has to be a whole number from 0"),
        ("cluster = {seconds = 0}", "cluster.seconds: has to be a number above 0"),
        ("cluster = {shard = 2}", "in cluster: unknown key 'shard'; did you mean 'shards'?"),
        ("site_url = 'gazeta.example'", "site_url: 'gazeta.example' is not an address without a path"),
        ("site_url = 'https://gazeta.example/archive'", "site_url: 'https://gazeta.example/archive' is not an"),
        ("embed_origins = ['https://*.gazeta.example']", "embed_origins: 'https://*.gazeta.example' is not an origin"),
        ("site_url = 'https://gazeta.example:99999'", "site_url: 'https://gazeta.example:99999' is not an address"),
        ('pins = "a\\u0000b"', "pins: 'a\\x00b' holds a character that no name has"),
        ("log = 'xml'", "log: 'xml' is not one of 'json', 'text'"),
        (
            "[[alerts]]\nname='a'\nmail=['a@b.example']\nrate='hourly'",
            "alerts[0].rate: 'hourly' is not one of 'at_once'",
        ),
        ("query_days = 1000000", "query_days: has to be a whole number up to 100000"),
        ("a = " + "[" * 5000, "is no TOML"),
        ("embed_origins = ['gazeta.example']", "embed_origins: 'gazeta.example' is not an origin"),
        ("image_hosts = ['https://img.example']", "image_hosts: 'https://img.example' is not a host"),
        ("trusted_hosts = ['*.gazeta.example']", "trusted_hosts: '*.gazeta.example' is not a host"),
        ("index = ", "is no TOML: Invalid value (at"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_key(folder: Path, text: str, message: str) -> None:
    (folder / "arkhiv.toml").write_text(text, "utf-8")
    with pytest.raises(UserError) as error:
        load_settings({})
    assert str(error.value).startswith(f"arkhiv.toml: {message}")


@pytest.mark.parametrize("place", ["index", "./index/queries", "other/../index"])
def test_queries_are_not_kept_in_the_index_which_is_swept(folder: Path, place: str) -> None:
    with pytest.raises(UserError, match=r"query_log: .* is inside the index index; name a folder outside of it"):
        load_settings({"ARKHIV_QUERY_LOG": place})
    assert load_settings({"ARKHIV_QUERY_LOG": "index.queries"}).query_log == "index.queries"


def test_a_host_may_be_written_in_cyrillic_in_punycode_in_capitals_and_with_its_usual_port() -> None:
    punycode = "xn--80aahjj1e.xn--p1ai"
    for host in ("газета.рф", "Газета.РФ", punycode, punycode.upper()):
        settings = Settings(
            site_url=f"https://{host}:443/",
            embed_origins=(f"https://{host}:443", f"http://{host}:80", f"http://{host}:8000"),
            image_hosts=(host, f"{host}:443", f"{host}:8080"),
            trusted_hosts=(f".{host}", f"{host}:443", f" {host}.:8000"),
        )
        assert settings.site_url == f"https://{punycode}"
        assert settings.embed_origins == (f"https://{punycode}", f"http://{punycode}", f"http://{punycode}:8000")
        assert settings.image_hosts == (punycode, punycode, f"{punycode}:8080")
        assert settings.trusted_hosts == (f".{punycode}", punycode, punycode)
    with pytest.raises(ValueError, match=r"embed_origins: 'https://a\.\.рф' is not an origin"):
        Settings(embed_origins=("https://a..рф",))


def test_a_file_that_is_no_utf_8_is_named(folder: Path) -> None:
    (folder / "arkhiv.toml").write_bytes("site_name = 'Вестник'".encode("cp1251"))
    with pytest.raises(UserError, match=r"arkhiv\.toml: is no TOML: 'utf-8' codec"):
        load_settings({})


def test_the_environment_may_have_blanks_and_other_spellings_of_a_value() -> None:
    for variable, text, value in (
        ("ARKHIV_PERSONS", " no ", False),
        ("ARKHIV_PERSONS", "On", True),
        ("ARKHIV_CSV_ROWS", " 100\n", 100),
        ("ARKHIV_SITE_URL", " HTTPS://Gazeta.Example:0443// ", "https://gazeta.example"),
        ("ARKHIV_SITE_URL", "http://[::1]:8000", "http://[::1]:8000"),
        ("ARKHIV_EMBED_ORIGINS", "https://gazeta.example/, ", ("https://gazeta.example",)),
        ("ARKHIV_TRUSTED_HOSTS", "[::1], 127.0.0.1:8000", ("[::1]", "127.0.0.1")),
        ("ARKHIV_SMTP", " SMTP://relay ", "SMTP://relay"),
        ("ARKHIV_MAIL_FROM", "<news@gazeta.example>", "<news@gazeta.example>"),
    ):
        assert getattr(load_settings({variable: text}), variable.removeprefix("ARKHIV_").lower()) == value, text


def test_bytes_that_are_no_utf_8_are_replaced_in_the_name_of_the_site() -> None:
    assert load_settings({"ARKHIV_SITE_NAME": "Газета \udcff\n!"}).site_name == "Газета \ufffd\ufffd!"


def test_an_alert_that_can_never_report_is_warned_about(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    for bound in ("to = '2020'", "year = 2020", "year = 'none'"):
        text = f"[[alerts]]\nname = 'Степь'\nmail = ['a@b.example']\nwithin = 'day'\n{bound}"
        (folder / "arkhiv.toml").write_text(text, "utf-8")
        caplog.clear()
        load_settings({})
        assert "alerts: 'Степь' reports nothing" in caplog.text, bound
