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

WORDPRESS = [
    "create table wp_users (ID bigint primary key, user_login varchar(60), display_name varchar(250))",
    "create table wp_posts (ID bigint primary key, post_author bigint, post_date datetime, post_date_gmt datetime, "
    "post_content longtext, post_title text, post_excerpt text, post_status varchar(20), post_type varchar(20), "
    "post_modified datetime, post_modified_gmt datetime, guid varchar(255), post_password varchar(255) default '')",
    "create table wp_terms (term_id bigint primary key, name varchar(200), slug varchar(200))",
    "create table wp_term_taxonomy (term_taxonomy_id bigint primary key, term_id bigint, taxonomy varchar(32))",
    "create table wp_term_relationships (object_id bigint, term_taxonomy_id bigint, primary key (object_id, term_taxonomy_id))",
    "create table wp_postmeta (meta_id bigint primary key, post_id bigint, meta_key varchar(255), meta_value longtext)",
    "insert into wp_users values (1, 'dana', 'Дана Аменова')",
    *(
        f"insert into wp_posts values ({number}, 1, '2024-05-17 09:30:00', '2024-05-17 04:30:00', '{BODY}', 'Степь &amp; весна', "
        f"'Весна пришла рано.', '{status}', '{kind}', '2024-05-18 06:00:00', '2024-05-18 01:00:00', '', '{password}')"
        for number, status, kind, password in (
            (17, "publish", "post", ""),
            (18, "draft", "post", ""),
            (19, "publish", "page", ""),
            (20, "publish", "post", "x"),
        )
    ),
    "insert into wp_terms values (1, 'Общество', 'o'), (2, 'весна', 'v'), (3, 'степь', 's')",
    "insert into wp_term_taxonomy values (11, 1, 'category'), (12, 2, 'post_tag'), (13, 3, 'post_tag')",
    "insert into wp_term_relationships values (17, 11), (17, 12), (17, 13)",
    "insert into wp_postmeta values (1, 17, '_edit_lock', '1:1'), (2, 17, 'post_views_count', '4163')",
]
BITRIX = [
    "create table b_iblock_element (ID int primary key, TIMESTAMP_X datetime, DATE_CREATE datetime, IBLOCK_ID int, "
    "IBLOCK_SECTION_ID int, ACTIVE char(1), ACTIVE_FROM datetime, NAME varchar(255), PREVIEW_TEXT text, "
    "DETAIL_TEXT longtext, CODE varchar(255), TAGS varchar(255), SHOW_COUNTER int, WF_PARENT_ELEMENT_ID int)",
    "create table b_iblock_section (ID int primary key, NAME varchar(255))",
    "create table b_iblock_property (ID int primary key, IBLOCK_ID int, CODE varchar(50))",
    "create table b_iblock_element_property (ID int primary key, IBLOCK_PROPERTY_ID int, IBLOCK_ELEMENT_ID int, VALUE text)",
    "insert into b_iblock_section values (5, 'Общество')",
    "insert into b_iblock_property values (7, 1, 'AUTHOR'), (8, 1, 'PHOTO')",
    "insert into b_iblock_element_property values (1, 8, 17, '123'), (2, 7, 17, 'Дана Аменова')",
    *(
        f"insert into b_iblock_element values ({number}, '2024-05-18 06:00:00', '2024-05-17 09:30:00', {block}, 5, '{active}', null, "
        f"'Степь & весна', 'Весна пришла рано.', '{BODY}', 'step-{number}', 'весна, степь', 4163, null)"
        for number, block, active in ((17, 1, "Y"), (18, 1, "N"), (19, 2, "Y"))
    ),
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
    "insert into tags values (1, 'весна'), (2, 'степь')",
    "insert into article_tag values (17, 1), (17, 2)",
    *(
        f"insert into articles values ({number}, 1, 1, 'Степь & весна', 's-{number}', 'Весна пришла рано.', '{BODY}', 4163, "
        f"{published}, now(), '2024-05-18 01:00:00', {deleted})"
        for number, published, deleted in (
            (17, "'2024-05-17 04:30:00'", "null"),
            (18, "null", "null"),
            (19, "'2024-05-17 04:30:00'", "now()"),
        )
    ),
]


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
        door.write("arkhiv.toml", told.replace(source["url"], url))
        ran = door.take_in()
        assert ran.stderr == "publishing\n"
        assert door.found() == door.found("маки", author="Дана Аменова", section="Общество", tag="весна") == ["17"]
        article = door.article("17")
        assert (article.title, article.lead) == ("Степь & весна", "Весна пришла рано.")
        assert article.text == "Тюльпаны раскрылись.\n\nМаки тоже."
        assert (article.views, sorted(article.tags)) == (4163, ["весна", "степь"])
        assert str(article.published) == "2024-05-17 09:30:00+05:00"
        assert article.updated == "2024-05-18T06:00:00+05:00"
        assert re.fullmatch(r"https://gazeta\.example/\S*17/?", article.url)
        assert "1 unchanged" in door.take_in().stdout
