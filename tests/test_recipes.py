"""The recipes of docs/indexer.md, run as they stand there on databases with the schemas they are for."""

# ruff: noqa: E501, ISC004  # statements and documents as they are
from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from tests.door import Door
from tests.test_documentation import code, section

SERVERS = {"mysql": os.environ.get("ARKHIV_TEST_MARIADB"), "postgresql": os.environ.get("ARKHIV_TEST_POSTGRES")}
BODY = "<!-- wp:paragraph --><p>Тюльпаны <b>раскрылись</b>.</p><!-- /wp:paragraph -->\n\n<p>Маки&nbsp;тоже.</p>"

LONG = [f"{number:02} очень длинная метка" for number in range(40)]
# What MySQL 8 does by itself, and other servers may be told to.
MYSQL_8 = (
    "?init_command=SET+SESSION+group_concat_max_len=1024,time_zone='%2B00:00'&sql_mode=ONLY_FULL_GROUP_BY,"
    "STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"
)


def post(number: int, kind: str = "post", name: str = "", title: str = "Степь &amp; весна", **other: str) -> str:
    values = {"post_status": "publish", "post_password": ""} | other
    return (
        "insert into wp_posts (ID, post_author, post_date, post_date_gmt, post_content, post_title, post_excerpt, post_status, "
        "post_password, post_name, to_ping, pinged, post_modified, post_modified_gmt, post_content_filtered, post_type) "
        f"values ({number}, 1, '2024-05-17 09:30:00', '2024-05-17 04:30:00', '{BODY}', '{title}', 'Весна пришла рано.', "
        f"'{values['post_status']}', '{values['post_password']}', '{name}', '', '', '2024-05-18 06:00:00', '2024-05-18 01:00:00', '', '{kind}')"
    )


def terms(taxonomy: str, first: int, *names: str, slug: str = "") -> list[str]:
    """Terms from this number on; `slug` is what their slugs begin with."""
    return [
        statement
        for number, name in enumerate(names, first)
        for statement in (
            f"insert into wp_terms values ({number}, '{name}', '{slug}{name if slug else number}', 0)",
            f"insert into wp_term_taxonomy values ({number + 1000}, {number}, '{taxonomy}', '', 0, 1)",
        )
    ]


def related(number: int, *terms: int) -> list[str]:
    return [f"insert into wp_term_relationships values ({number}, {n + 1000}, {o})" for o, n in enumerate(terms)]


WORDPRESS = [
    "create table wp_users (ID bigint(20) unsigned not null auto_increment, user_login varchar(60) not null default '', user_pass varchar(255) not null default '', user_nicename varchar(50) not null default '', user_email varchar(100) not null default '', user_url varchar(100) not null default '', user_registered datetime not null default '0000-00-00 00:00:00', user_activation_key varchar(255) not null default '', user_status int(11) not null default '0', display_name varchar(250) not null default '', primary key (ID), key user_login_key (user_login), key user_nicename (user_nicename))",
    "create table wp_usermeta (umeta_id bigint(20) unsigned not null auto_increment, user_id bigint(20) unsigned not null default '0', meta_key varchar(255) default null, meta_value longtext, primary key (umeta_id), key user_id (user_id), key meta_key (meta_key(191)))",
    "create table wp_posts (ID bigint(20) unsigned not null auto_increment, post_author bigint(20) unsigned not null default '0', post_date datetime not null default '0000-00-00 00:00:00', post_date_gmt datetime not null default '0000-00-00 00:00:00', post_content longtext not null, post_title text not null, post_excerpt text not null, post_status varchar(20) not null default 'publish', comment_status varchar(20) not null default 'open', ping_status varchar(20) not null default 'open', post_password varchar(255) not null default '', post_name varchar(200) not null default '', to_ping text not null, pinged text not null, post_modified datetime not null default '0000-00-00 00:00:00', post_modified_gmt datetime not null default '0000-00-00 00:00:00', post_content_filtered longtext not null, post_parent bigint(20) unsigned not null default '0', guid varchar(255) not null default '', menu_order int(11) not null default '0', post_type varchar(20) not null default 'post', post_mime_type varchar(100) not null default '', comment_count bigint(20) not null default '0', primary key (ID), key post_name (post_name(191)), key type_status_date (post_type, post_status, post_date, ID), key post_parent (post_parent), key post_author (post_author))",
    "create table wp_postmeta (meta_id bigint(20) unsigned not null auto_increment, post_id bigint(20) unsigned not null default '0', meta_key varchar(255) default null, meta_value longtext, primary key (meta_id), key post_id (post_id), key meta_key (meta_key(191)))",
    "create table wp_terms (term_id bigint(20) unsigned not null auto_increment, name varchar(200) not null default '', slug varchar(200) not null default '', term_group bigint(10) not null default 0, primary key (term_id), key slug (slug(191)), key name (name(191)))",
    "create table wp_term_taxonomy (term_taxonomy_id bigint(20) unsigned not null auto_increment, term_id bigint(20) unsigned not null default 0, taxonomy varchar(32) not null default '', description longtext not null, parent bigint(20) unsigned not null default 0, count bigint(20) not null default 0, primary key (term_taxonomy_id), unique key term_id_taxonomy (term_id, taxonomy), key taxonomy (taxonomy))",
    "create table wp_term_relationships (object_id bigint(20) unsigned not null default 0, term_taxonomy_id bigint(20) unsigned not null default 0, term_order int(11) not null default 0, primary key (object_id, term_taxonomy_id), key term_taxonomy_id (term_taxonomy_id))",
    "insert into wp_users (ID, user_login, user_nicename, display_name) values (1, 'dana', 'dana', 'Дана Аменова')",
    *(
        post(17),
        post(18, post_status="draft"),
        post(19, "page"),
        post(20, post_password="x"),
        post(21),
        post(22, "news"),
    ),
    post(30, "guest-author", "cap-petr", title="Пётр &amp; Ли"),
    *(post(31, "attachment", post_status="inherit"), post(32, "nav_menu_item")),
    *terms("category", 1, "Общество", "Без рубрики", "Труд &amp; капитал"),
    *terms("post_tag", 10, "весна", "степь", "Алматы, Казахстан", "R&amp;D", "L&#039;Oreal"),
    *terms("post_tag", 100, *LONG),
    *terms("author", 20, "petr", "dana", "К.", slug="cap-"),
    *(*related(17, 1, 10, 11), *related(21, 2, 3, 12, 13, 14, 20, 21, 22), *related(22, 2, *range(100, 140))),
    "insert into wp_postmeta (post_id, meta_key, meta_value) values (17, '_edit_lock', '1:1'), (17, 'post_views_count', '4163'), "
    "(21, 'post_views_count', '1 234'), (30, 'cap-display_name', 'Пётр & Ли'), (30, 'cap-user_login', 'petr')",
]


def element(number: int, **changed: str | None) -> str:
    values: dict[str, str | None] = {
        "ID": str(number), "TIMESTAMP_X": "2024-05-18 06:00:00", "DATE_CREATE": "2024-05-17 09:30:00", "IBLOCK_ID": "1",
        "IBLOCK_SECTION_ID": "5", "ACTIVE": "Y", "NAME": "Степь & весна", "PREVIEW_TEXT": "Весна пришла рано.",
        "PREVIEW_TEXT_TYPE": "text", "DETAIL_TEXT": BODY, "DETAIL_TEXT_TYPE": "html", "CODE": f"step-{number}",
        "TAGS": "весна, степь", "SHOW_COUNTER": "4163", "WF_STATUS_ID": "1",
    } | changed  # fmt: skip
    given = {name: value for name, value in values.items() if value is not None}
    shown = ", ".join("'" + value.replace("'", "''") + "'" for value in given.values())
    return f"insert into b_iblock_element ({', '.join(given)}) values ({shown})"


BITRIX = [
    "set time_zone = '+05:00'",
    "create table b_iblock (ID int(11) not null auto_increment, TIMESTAMP_X timestamp not null default current_timestamp on update current_timestamp, IBLOCK_TYPE_ID varchar(50) not null, LID char(2) not null, CODE varchar(50), NAME varchar(255) not null, ACTIVE char(1) not null default 'Y', VERSION int(1) not null default '1', primary key (ID))",
    "create table b_iblock_element (ID int(11) not null auto_increment, TIMESTAMP_X timestamp not null default current_timestamp on update current_timestamp, MODIFIED_BY int(18), DATE_CREATE datetime, CREATED_BY int(18), IBLOCK_ID int(11) not null default '0', IBLOCK_SECTION_ID int(11), ACTIVE char(1) not null default 'Y', ACTIVE_FROM datetime, ACTIVE_TO datetime, SORT int(11) not null default '500', NAME varchar(255) not null, PREVIEW_PICTURE int(18), PREVIEW_TEXT text, PREVIEW_TEXT_TYPE varchar(4) not null default 'text', DETAIL_PICTURE int(18), DETAIL_TEXT longtext, DETAIL_TEXT_TYPE varchar(4) not null default 'text', SEARCHABLE_CONTENT text, WF_STATUS_ID int(18) default '1', WF_PARENT_ELEMENT_ID int(11), WF_NEW char(1), WF_LOCKED_BY int(18), WF_DATE_LOCK datetime, WF_COMMENTS text, IN_SECTIONS char(1) not null default 'N', XML_ID varchar(255), CODE varchar(255), TAGS varchar(255), TMP_ID varchar(40), WF_LAST_HISTORY_ID int(11), SHOW_COUNTER int(18), SHOW_COUNTER_START datetime, primary key (ID), index ix_iblock_element_1 (IBLOCK_ID, IBLOCK_SECTION_ID), index ix_iblock_element_3 (WF_PARENT_ELEMENT_ID))",
    "create table b_iblock_section (ID int(11) not null auto_increment, TIMESTAMP_X timestamp not null default current_timestamp on update current_timestamp, IBLOCK_ID int(11) not null, IBLOCK_SECTION_ID int(11), ACTIVE char(1) not null default 'Y', GLOBAL_ACTIVE char(1) not null default 'Y', SORT int(11) not null default '500', NAME varchar(255) not null, LEFT_MARGIN int(18), RIGHT_MARGIN int(18), DEPTH_LEVEL int(18), CODE varchar(255), primary key (ID))",
    "create table b_iblock_section_element (IBLOCK_SECTION_ID int not null, IBLOCK_ELEMENT_ID int not null, ADDITIONAL_PROPERTY_ID int(18), unique ux_iblock_section_element (IBLOCK_SECTION_ID, IBLOCK_ELEMENT_ID, ADDITIONAL_PROPERTY_ID))",
    "create table b_iblock_property (ID int(11) not null auto_increment, TIMESTAMP_X timestamp not null default current_timestamp on update current_timestamp, IBLOCK_ID int(11) not null, NAME varchar(255) not null, ACTIVE char(1) not null default 'Y', SORT int(11) not null default '500', CODE varchar(50), DEFAULT_VALUE text, PROPERTY_TYPE char(1) not null default 'S', MULTIPLE char(1) not null default 'N', LINK_IBLOCK_ID int(18), primary key (ID), index ix_iblock_property_1 (IBLOCK_ID))",
    "create table b_iblock_property_enum (ID int(11) not null auto_increment, PROPERTY_ID int(11) not null, VALUE varchar(255) not null, DEF char(1) not null default 'N', SORT int(11) not null default '500', XML_ID varchar(200) not null, TMP_ID varchar(40), primary key (ID))",
    "create table b_iblock_element_property (ID int(11) not null auto_increment, IBLOCK_PROPERTY_ID int(11) not null, IBLOCK_ELEMENT_ID int(11) not null, VALUE text not null, VALUE_TYPE char(4) not null default 'text', VALUE_ENUM int(11), VALUE_NUM numeric(18,4), DESCRIPTION varchar(255), primary key (ID), index ix_iblock_element_property_1 (IBLOCK_ELEMENT_ID, IBLOCK_PROPERTY_ID))",
    "insert into b_iblock_section (ID, IBLOCK_ID, NAME) values (5, 1, 'Общество')",
    "insert into b_iblock_section_element values (5, 17, null)",
    "insert into b_iblock_property (ID, IBLOCK_ID, NAME, CODE, PROPERTY_TYPE, MULTIPLE) values (7, 1, 'Автор', 'AUTHOR', 'S', 'Y'), "
    "(8, 1, 'Фото', 'PHOTO', 'F', 'N'), (9, 1, 'Автор', 'AUTHOR', 'E', 'N'), (10, 1, 'Автор', 'AUTHOR', 'L', 'N')",
    "insert into b_iblock_property_enum (ID, PROPERTY_ID, VALUE, XML_ID) values (3, 10, 'Редакция', 'r')",
    "insert into b_iblock_element_property (IBLOCK_PROPERTY_ID, IBLOCK_ELEMENT_ID, VALUE, VALUE_ENUM, VALUE_NUM) values (8, 17, '123', null, 123), "
    "(7, 17, 'Дана Аменова', null, null), (7, 21, 'Дана Аменова', null, null), (7, 21, 'Пётр Ли', null, null), (9, 22, '40', null, 40), (10, 22, '3', 3, 3)",
    *(element(17), element(18, ACTIVE="N"), element(19, IBLOCK_ID="2"), element(40, IBLOCK_ID="3", NAME="Асет Ким")),
    element(20, WF_STATUS_ID="2"),
    element(
        21, DETAIL_TEXT_TYPE="text", DETAIL_TEXT="Если a<b и c>d & &amp;\r\nто <b>нет</b>.", ACTIVE_TO="2999-01-01"
    ),
    element(22, DETAIL_TEXT=None, PREVIEW_TEXT="Одна <строка>.\nДругая.", ACTIVE_FROM="2024-05-16 20:00:00"),
    element(23, ACTIVE_TO="2024-06-01"),
    element(24, WF_PARENT_ELEMENT_ID="17"),
    element(25, DETAIL_TEXT="", PREVIEW_TEXT="<p>Только <i>анонс</i>.</p>", PREVIEW_TEXT_TYPE="html"),
]
LARAVEL = [
    "create table users (id bigint primary key, name varchar(255))",
    "create table categories (id bigint primary key, name varchar(255))",
    "create table tags (id bigint primary key, name varchar(255))",
    "create table article_tag (article_id bigint, tag_id bigint)",
    "create table articles (id bigint primary key, user_id bigint, category_id bigint, title varchar(255), slug varchar(255), "
    "lead text, body text, views integer default 0, published_at timestamp, created_at timestamp, updated_at timestamp, "
    "deleted_at timestamp)",
    "insert into users values (1, 'Дана Аменова')",
    "insert into categories values (1, 'Общество')",
    "insert into tags values (1, 'весна'), (2, 'степь'), (3, 'Алматы, Казахстан')",
    "insert into article_tag values (17, 1), (17, 2), (20, 3)",
    *(
        f"insert into articles values ({number}, 1, 1, 'Степь & весна', 's-{number}', 'Весна пришла рано.', '{BODY}', 4163, "
        f"{published}, now(), '2024-05-18 01:00:00', {deleted})"
        for number, published, deleted in (
            (17, "'2024-05-17 04:30:00'", "null"),
            (18, "null", "null"),
            (19, "'2024-05-17 04:30:00'", "now()"),
            (20, "'2024-05-17 04:30:00'", "null"),
        )
    ),
]
# Of the other articles that come in, what is not as in the first.
OTHERS: dict[str, dict[str, dict[str, object]]] = {
    "WordPress": {
        "21": {
            "author": "Пётр & Ли, Дана Аменова, К.",
            "section": "Труд & капитал",
            "tags": {"Алматы, Казахстан", "R&D", "L'Oreal"},
            "views": 1234,
        },
        "22": {"author": "Дана Аменова", "section": "Без рубрики", "tags": set(LONG), "views": 0},
    },
    "1C-Bitrix": {
        "21": {"author": "Дана Аменова, Пётр Ли", "text": "Если a<b и c>d & &amp;\n\nто <b>нет</b>."},
        "22": {"author": "Асет Ким, Редакция", "lead": "", "text": "Одна <строка>.\n\nДругая."},
        "25": {"author": "", "lead": "", "text": "Только анонс."},
    },
    "Laravel": {"20": {"tags": {"Алматы, Казахстан"}}},
}


@contextmanager
def database(kind: str, statements: Sequence[str]) -> Iterator[str]:
    """A database of the test's own in which these statements were run."""
    server = SERVERS[kind]
    if not server:
        pytest.skip(f"no {kind}: no variable names a server")
    name = f"test_{uuid4().hex}"
    with sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool).connect() as administrator:
        administrator.exec_driver_sql(f"create database {name}" + (" character set utf8mb4" if kind == "mysql" else ""))
        url = sa.make_url(server).set(database=name).render_as_string(hide_password=False)
        with sa.create_engine(url, poolclass=sa.NullPool).begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
        yield url
        administrator.exec_driver_sql(f"drop database {name}")


@pytest.mark.parametrize(
    ("recipe", "statements"), [("WordPress", WORDPRESS), ("1C-Bitrix", BITRIX), ("Laravel", LARAVEL)]
)
def test_a_recipe_brings_in_all_fields_of_what_is_published(tmp_path: Path, recipe: str, statements: list[str]) -> None:
    (told,) = code("toml", section(recipe))
    (source,) = tomllib.loads(told)["sources"]
    with database(source["url"].partition(":")[0], statements) as url:
        door = Door(tmp_path)
        door.write("arkhiv.toml", told.replace(source["url"], url + (MYSQL_8 if url.startswith("m") else "")))
        ran = door.take_in()
        assert ran.stderr == "publishing\n"
        assert sorted(door.found()) == ["17", *OTHERS[recipe]]
        assert "17" in door.found("маки", author="Дана Аменова", section="Общество", tag="весна")
        for article_id, fields in OTHERS[recipe].items():
            other = door.article(article_id)
            given = {name: getattr(other, name) for name in fields}
            assert {name: set(value) if name == "tags" else value for name, value in given.items()} == fields
        article = door.article("17")
        assert (article.title, article.lead) == ("Степь & весна", "Весна пришла рано.")
        assert article.text == "Тюльпаны раскрылись.\n\nМаки тоже."
        assert (article.views, sorted(article.tags)) == (4163, ["весна", "степь"])
        assert str(article.published) == "2024-05-17 09:30:00+05:00"
        assert article.updated == "2024-05-18T06:00:00+05:00"
        assert re.fullmatch(r"https://gazeta\.example/\S*17/?", article.url)
        assert f"{1 + len(OTHERS[recipe])} unchanged" in door.take_in().stdout
