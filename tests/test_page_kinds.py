"""Saved pages as sites make them: the kinds that are easily read wrong, all through one `indexer rebuild`."""

# ruff: noqa: E501  # markup as it stands

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest

from indexer.sources import open_source
from search import open_archive
from search.archive import Archive
from tests.door import Door

DATA = Path(os.environ.get("ARKHIV_TEST_DATA") or Path(__file__).parent.parent.parent / "shared") / "pages" / "cases"

FIRST = "Тюльпаны раскрылись на две недели раньше обычного, и в степь приехали гости из трёх соседних областей."
SECOND = "Учёные связывают это с тёплой зимой и поздними дождями, такого не было тридцать лет, говорят старожилы."
THIRD = "Экскурсии начнутся в субботу, автобусы пойдут от вокзала каждые полчаса, билеты уже в продаже."
BODY = f"<p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p>"
TEXT = f"{FIRST}\n\n{SECOND}\n\n{THIRD}"
DANA = "Дана Аменова"


def page(head: str = "", article: str = "", title: str = "Степь зацвела", before: str = "", after: str = "") -> str:
    inner = f"<article><h1>Степь зацвела</h1>{article}{BODY}</article>"
    return (
        f"<!doctype html><html><head><meta charset=utf-8><title>{title}</title>{head}</head>"
        f"<body>{before}{inner}{after}</body></html>"
    )


def linked(data: str, kind: str = "application/ld+json") -> str:
    return f'<script type="{kind}">{data}</script>'


def news(**fields: Any) -> str:
    return json.dumps({"@type": "NewsArticle", "headline": "Степь зацвела", **fields}, ensure_ascii=False)


def plain(inner: str, head: str = "", title: str = "Степь зацвела") -> str:
    return (
        f"<!doctype html><html><head><meta charset=utf-8><title>{title}</title>{head}</head><body>{inner}</body></html>"
    )


H1 = "<h1>Степь зацвела</h1>"
PERSON = {"@type": "Person", "name": DANA}
TEASER = (
    "<div itemscope itemtype='https://schema.org/{kind}'><a href='/2'><h3 itemprop='headline'>Мост закрыли</h3></a><span itemprop='author'>Пётр"
    " Самойлов</span><time itemprop='datePublished' datetime='2024-03-01T10:00:00+05:00'></time></div>"
)
WAYBACK = "https://web.archive.org/web/20150517093000"

FRAMES = (
    "MIME-Version: 1.0\nSnapshot-Content-Location: https://gazeta.example/n/43\nContent-Type: multipart/related; boundary=X\n\n"
    "--X\nContent-Type: text/html\nContent-ID: <f>\n\n<p>Реклама</p>\n--X\nContent-Type: text/html\nContent-Location: "
    "https://gazeta.example/n/43\nContent-Transfer-Encoding: 8bit\n\n{}\n--X--\n"
)

# A page, and what of its article is to be; text is title, lead and text together, `in` what it has, `out` what not.
KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "comment in a sentence": (plain(f"<article>{H1}<p>{FIRST}<!-- /13/banner --> Так говорят в акимате.</p><p>{SECOND}</p></article>"), {"in": "Так говорят в акимате"}),
    "comment behind a link": (plain(f"<article>{H1}<p><a href='/1'>Гости</a><!-- l --> приехали вчера вечером. {FIRST}</p><p>{SECOND}</p></article>"), {"in": "приехали вчера вечером"}),
    "instruction": (plain(f"<article>{H1}<p>{FIRST}<?ad place=1?> После инструкции тоже текст.</p><p>{SECOND}</p></article>"), {"in": "После инструкции"}),
    "nav around": (plain(f"<nav class=menu><article>{H1}{BODY}</article></nav>"), {"in": THIRD}),
    "footer around": (plain(f"<footer><div>{H1}{BODY}</div></footer>"), {"in": THIRD}),
    "elementor": (plain(f"<div class='elementor-widget-container'>{H1}<div class=byline><a href=/d>{DANA}</a></div>{BODY}</div>"), {"author": DANA, "in": THIRD}),
    "comments enabled": (plain(f"<div class='page comments-enabled'>{H1}<span class=author>{DANA}</span>{BODY}</div>"), {"author": DANA}),
    "blog widget": (plain(f"<div class='main widget Blog'>{H1}<span class=author>{DANA}</span>{BODY}</div>"), {"author": DANA}),
    "a real sidebar": (plain(f"<div class=main>{H1}{BODY}</div><div class=sidebar><h4>Другое</h4><span class=author>Пётр Самойлов</span><p>Короткая заметка сбоку.</p></div>"), {"author": "", "out": "заметка сбоку"}),
    "teaser above": (page(before=TEASER.format(kind="NewsArticle")), {"title": "Степь зацвела", "author": "", "published": None}),
    "teaser below": (page(after=TEASER.format(kind="BlogPosting")), {"title": "Степь зацвела", "author": "", "published": None}),
    "teaser inside": (page(article=TEASER.format(kind="Article")), {"title": "Степь зацвела", "author": ""}),
    "person and house": (page(linked(news(author={"@type": ["Organization", "Person"], "name": DANA}))), {"author": DANA}),
    "two with two names": (page(linked(news(author=[{"givenName": "Дана", "familyName": "Аменова"}, {"givenName": "Пётр", "familyName": "Ли"}]))), {"authors": (DANA, "Пётр Ли")}),
    "value": (page(linked(news(author={"@type": "Person", "name": {"@value": DANA}}))), {"author": DANA}),
    "type with charset": (page(linked(news(author=PERSON), "application/ld+json; charset=utf-8")), {"author": DANA}),
    "type in capitals": (page(linked(news(author=PERSON), "Application/LD+JSON")), {"author": DANA}),
    "main entity": (page(linked(f'{{"@type":"WebPage","mainEntity":{news(author=PERSON)}}}')), {"author": DANA}),
    "html comment around": (page(linked(f"<!-- {news(author=PERSON)} -->")), {"author": DANA}),
    "semicolon behind": (page(linked(f"{news(author=PERSON)};")), {"author": DANA}),
    "the second of two": (page(linked(f'[{news(headline="Мост закрыли", author={"name": "Пётр Ли"})},{news(author=PERSON)}]')), {"author": DANA}),
    "a page with a date": (page(linked(f'{{"@type":"WebPage","datePublished":"2024-05-17T09:30:00+05:00","author":{json.dumps(PERSON)}}}')), {"author": DANA, "published": "2024-05-17 09:30:00+05:00"}),
    "time to read": (page(article=f"<div class=author>{DANA} 3 мин чтения</div>"), {"author": DANA}),
    "yesterday": (page(article=f"<div class=byline>{DANA} вчера, 14:30</div>"), {"author": DANA}),
    "counter behind": (page(article=f"<div class=author>{DANA} 0</div>"), {"author": DANA}),
    "a share button": (page(f"<meta name=author content='{DANA}'>", "<div class=author-social><a href=#>WhatsApp</a></div>"), {"author": DANA}),
    "signs": (page(article="<div class=author>(</div><div class=byline>25.04.24</div>"), {"author": ""}),
    "several bylines": (page(article=f"<div class=author><a href=/a>{DANA}</a>, <a href=/p>Пётр Ли</a></div>"), {"authors": (DANA, "Пётр Ли")}),
    "an accent and a hyphen": (page("<link rel=canonical href='https://la-republica.example/1'><meta name=author content='La República'>"), {"author": "", "url": "https://la-republica.example/1"}),
    "no blank before the site": (plain(f"<div>{BODY}</div>", "<meta property='og:site_name' content='Вестник'><meta property='og:title' content='Степь зацвела｜Вестник'>", "x"), {"title": "Степь зацвела"}),
    "the publisher": (plain(f"<div>{BODY}</div>", linked('{"@type":"WebPage","datePublished":"2024-05-17","publisher":{"@type":"Organization","name":"Вестник"}}') + "<meta property='og:title' content='Степь зацвела — Вестник'>"), {"title": "Степь зацвела"}),
    "headlines below": (page(after="<div><h1>Мост закрыли</h1><h1>Цены выросли</h1></div>", title="Степь зацвела - Вестник", head="<meta property='og:title' content='Сенсация: смотрите все'>"), {"title": "Степь зацвела"}),
    "lead in other quotes": (page(f'<meta property="og:description" content="{FIRST.replace(",", " -")} {SECOND[:30]}...">'), {"lead": ""}),
    "lead with a dateline": (page(f'<meta name=description content="АСТАНА, 17 мая - {SECOND} {THIRD}">'), {"lead": ""}),
    "lead cut in a word": (page(f'<meta name=description content="{FIRST[:50]}…">'), {"lead": FIRST}),
    "the whole as lead": (page(f'<meta name=description content="{"Слова о степи и гостях. " * 60}">'), {"lead": ""}),
    "a standfirst": (plain(f"<article>{H1}<div class=anons>Весна пришла в степь раньше, чем её ждали учёные и туристы из соседних областей.</div>{BODY}</article>"), {"in": "раньше, чем её ждали"}),
    "changed later": (page('<meta property="article:published_time" content="2024-05-17T09:30:00+05:00"><meta property="article:modified_time" content="2024-05-20">', "<div>Обновлено: 20 мая 2024</div>"), {"published": "2024-05-17 09:30:00+05:00"}),
    "escaped twice": (page(linked(news(articleSection="Труд &amp;amp; капитал", keywords="весна &amp; степь, гости", author={"name": "Дана &quot;А&quot; Ли"}))), {"section": "Труд & капитал", "tags": ("весна & степь", "гости")}),
    "tags by blanks": (page(linked(news(keywords="степь весна гости автобусы")) + "<meta name=keywords content='степь, весна'>"), {"tags": ("степь", "весна")}),
    "relative": (page("<base href='https://gazeta.example/'><link rel='canonical nofollow' href=' /news/17#comments '>"), {"url": "https://gazeta.example/news/17"}),
    "relative to another": (page("<link rel=Canonical href='/news/18'><meta property='og:url' content='https://gazeta.example/amp/18'>"), {"url": "https://gazeta.example/news/18"}),
    "without scheme": (page("<meta property='og:url' content='https://gazeta.example/x'><link rel=canonical href='//gazeta.example/news/19'>"), {"url": "https://gazeta.example/news/19"}),
    "wayback": (page(f"<link rel=canonical href='{WAYBACK}/http://gazeta.example/20'><meta property='og:image' content='{WAYBACK}im_/http://gazeta.example/1.jpg'>", before="<div id='wm-ipp-base'><p>Панель архива с датой 17 May 2015, которой в статье нет и не было никогда.</p></div><!-- FILE ARCHIVED ON 09:30:00 May 17, 2015 -->"), {"url": "http://gazeta.example/20", "image": "http://gazeta.example/1.jpg", "published": None, "out": "Панель архива"}),
    "a caption": (page(article="<figure><img src=1><figcaption>Аким Пётр Ли осматривает дамбу у посёлка. Фото: Д. Аменова</figcaption></figure>"), {"in": "осматривает дамбу", "image_credit": "Д. Аменова"}),
    "a short caption": (page(article="<div class='wp-caption'><img src=1><p class='wp-caption-text'>Аким у новой дамбы</p></div>"), {"in": "Аким у новой дамбы"}),
    "a hyphen that is soft": (plain(f"<h1>Сте&shy;пь зацвела</h1>{BODY}"), {"title": "Степь зацвела", "out": "\N{SOFT HYPHEN}"}),
    "a table": (page(after="").replace("</article>", "<table><tr><th>Район</th><th>Голоса</th></tr><tr><td>Алатау</td><td>17</td></tr></table></article>"), {"out": "|"}),
    "a picture in the page": (plain(f"<article>{H1}<p>{FIRST}</p><img src='data:image/png;base64,{'A' * 11_000_000}'><p>{SECOND}</p><p>{THIRD}</p></article>"), {"in": THIRD}),
    "one under another": (plain("".join(f"<div class=post><h1>{title}</h1><p>{text} {SECOND}</p></div>" for title, text in (("Степь зацвела", FIRST), ("Мост закрыли", THIRD), ("Цены выросли", "Мясо подорожало."))), linked(news()) + linked(news(headline="Мост закрыли")) + linked(news(headline="Цены выросли"))), {"in": FIRST, "out": THIRD}),
    "a day in a script": (page(after="<script src='/js/2022-03-04/app.js'></script><script>{'user':{'created':'2021-02-03'}}</script>"), {"published": None}),
    "a pointer": (page(article="<p><a href='/n/2'>Паводок пришёл ночью, люди уезжают из города</a></p>"), {"out": "Паводок"}),
    "whole only for machines": (plain(f"<article>{H1}<p>{FIRST}</p><p>Войдите, чтобы читать дальше.</p></article>", linked(news(articleBody=f"{FIRST}\n\n{SECOND}\n\n{THIRD}"))), {"in": THIRD}),
    "a poem": (plain("<div class='post category-popular'><h1>Степь зацвела</h1>" + "".join(f"<p>Строка {word} о весне</p>" for word in ("первая", "вторая", "третья", "и последняя")) + "</div>"), {"in": "Строка и последняя о весне"}),
    "a digest of links": (page().replace(BODY, "".join(f"<p><b><a href='/{n}'>Новость дня номер {n}: что случилось в степи</a></b></p>" for n in range(8))), {"in": "номер 4: что случилось"}),
    "questions that are anchors": (page(article="<h3><a href='#1'>Когда начнутся экскурсии по степи?</a></h3>"), {"in": "Когда начнутся экскурсии"}),
    "updates of a report": (page(after="".join(f"<article><h3>{n}:30</h3><p>К этому часу автобусы привезли ещё {n} гостей, сообщили в акимате.</p></article>" for n in range(10, 13))), {"out": "Мост"}),
    "a class of the section": (plain(f"<div class='post category-news'>{H1}<p>{FIRST}</p></div>"), {"section": "", "in": FIRST}),
    "a quote that is related": (plain(f"<div>{H1}<p>{FIRST}</p><p class='related-quote'>{SECOND}</p><p>{THIRD}</p></div>"), {"in": SECOND}),
    "sentences like pointers": (page(article="<p>По теме: депутаты обсудили бюджет области и решили строить дорогу.</p><p>Подпишитесь на газету до июня, цена не изменится, обещают на почте.</p><p>Реклама — двигатель торговли, считает владелец магазина.</p>"), {"in": "По теме: депутаты обсудили бюджет области и решили строить дорогу.\n\nПодпишитесь на газету до июня, цена не изменится, обещают на почте.\n\nРеклама — двигатель"}),
    "comments in the middle": (page().replace(f"<p>{THIRD}", f"<h3>Комментарии</h3><p>{THIRD}"), {"in": THIRD}),
    "a base that is none": (page("<base href='http://[x'><link rel=canonical href='/news/1'><meta property='og:url' content='http://[::1/a#b'>"), {"title": "Степь зацвела"}),
    "half of a sign": (page(linked('{"@type":"NewsArticle","headline":"Степь зацвела","author":"Дана \\ud83d Аменова"}')), {"title": "Степь зацвела"}),
    "a number of 5,000 digits": (page(linked(f'{{"@type":"NewsArticle","headline":"&#{"9" * 5_000};"}}')), {"title": "Степь зацвела"}),
    "a zone of no hours": (page("<meta property='article:published_time' content='Fri, 17 May 2024 09:00:00 +99999999999999'>"), {"published": "2024-05-17"}),
    "a headline about access": (page(title="Доступ ограничен: на трассе закрыли движение").replace("<h1>Степь зацвела</h1>", "<h1>Доступ ограничен: на трассе закрыли движение</h1>").replace(BODY, BODY * 2 + "".join(f"<p>{n} {FIRST} {SECOND}</p>" for n in range(4))), {"title": "Доступ ограничен: на трассе закрыли движение"}),
    "a day for machines, its time for readers": (page("<meta name=dcterms.created content=2024-05-17>", article="<time datetime='2024-05-17T09:00:00+05:00'>17 мая 2024</time>"), {"published": "2024-05-17 09:00:00+05:00"}),
    "commented data": (page(linked(f"/* данные */ //<![CDATA[\n{news(author=PERSON)};\n//]]>")), {"author": DANA}),
    "two data in one script": (page(linked('{"@type": "Organization", "name": "Дом"}' + news(author={"@list": [DANA, "Пётр Ли"]}))), {"author": f"{DANA}, Пётр Ли"}),
    "needless backslashes": (page(linked(news(author=PERSON)[:-1] + ", \"description\": \"a\\'b\"}")), {"author": DANA}),
    "data in seconds": (page(linked(news(datePublished=1715918400, creator=PERSON))), {"author": DANA, "published": "2024-05-17 09:00:00+05:00"}),
    "a date in words": (page(linked(news(datePublished="May 17, 2024 9:00 AM"))), {"published": "2024-05-17"}),
    "names with blanks and capitals": (page(f"<meta NAME=' Author ' content='{DANA}'><meta property=' Article:Section' content='Общество'>"), {"author": DANA, "section": "Общество"}),
    "lists of properties": (page(article=f"<span itemprop='Creator AUTHOR'>{DANA}</span><i itemprop='Keywords about'>весна; степь</i>"), {"author": DANA, "tags": ("весна", "степь")}),
    "a name in a meta": (page(article=f"<div itemprop=author itemscope><meta itemprop=name content='{DANA}'></div>"), {"author": DANA}),
    "relations in capitals": (page(article=f"<a rel='noopener Author' href=/d>{DANA}</a><a rel='Category' href=/c>Общество</a><a rel='nofollow,Tag' href=/t>весна</a>"), {"author": DANA, "section": "Общество", "tags": ("весна",)}),
    "hyphens of all kinds": (plain(f"<article><h1>Ст&#0173;е&#X00AD;п&shyь за<wbr>цве&#8203;ла</h1>{BODY}</article>"), {"title": "Степь зацвела"}),
    "closed": (page("<meta name=' ROBOTS ' content='NOINDEX , follow'>"), {"noindex": True}),
    "closed to one": (page("<meta name=googlebot content='noarchive;None'>"), {"noindex": True}),
    "open": (page("<meta name=robots content='index, max-image-preview:none'>"), {"noindex": False}),
    "an article without scripts": (plain(f"<h1>Степь зацвела</h1><div id=root></div><noscript>{BODY * 4}</noscript>"), {"title": "Степь зацвела"}),
    "a host in punycode": (page("<link rel=canonical href='https://XN--80AAHJJ1E.XN--P1AI:443/n/33'>"), {"url": "https://газета.рф/n/33"}),
    "open with blanks": (page("<meta name=robots content='index, follow, max-image-preview: none'>"), {"noindex": False}),
    "a host in capitals": (page("<base href='//GAZETA.example:443/'><link rel=canonical href='n/31'>"), {"url": "https://gazeta.example/n/31"}),
    "another host of the Wayback Machine": (page("<link rel=canonical href='https://www.web.archive.org:443/web/2015*/https://gazeta.example/n/32'>", before="<div id=wm-ipp-base>Go captures</div>"), {"url": "https://gazeta.example/n/32", "out": "captures"}),
    "an album without words": (plain(f"{H1}<div>17 мая 2024</div>" + "<img src=1.jpg>" * 4), {"published": "2024-05-17", "text": ""}),
    "the first page for the address": (page("<meta property='og:type' content='website'><meta property='og:url' content='https://gazeta.example/'>", "<p>17 мая 2024, 09:30</p>"), {"published": "2024-05-17 09:30:00+05:00", "in": THIRD}),
    "headings that nothing encloses": (plain(f"{H1}<h2>О весне</h2><p>{FIRST}</p><h2>О зиме</h2><p>{SECOND}</p><p>{THIRD}</p>"), {"in": f"О зиме\n\n{SECOND}"}),
    "a part with bars": (page(article=f"<div>Автор: {DANA} | 17 мая 2024 | 09:30</div>"), {"author": DANA, "published": "2024-05-17 09:30:00+05:00"}),
    "the clock first": (page(article="<div>09:30 // 17.05.2024</div>"), {"published": "2024-05-17 09:30:00+05:00"}),
    "the year in Kazakh": (page(article="<div>17 мамыр 2024 ж. 09:30</div>"), {"published": "2024-05-17 09:30:00+05:00"}),
    "the date of today above": (plain(f"<div>Сегодня: 30 ноября 2026, понедельник</div><div>{H1}{BODY}</div>"), {"published": None}),
    "a footer above the text": (plain(f"{H1}<article><footer>Автор <span typeof='schema:Person' property='schema:name'>{DANA}</span>, пт, 17/05/2024 - 09:30</footer><div>{BODY}</div></article>"), {"author": DANA, "published": "2024-05-17 09:30:00+05:00"}),
    "a popup that is the page": (plain(f"<div class=t-feed__post-popup>{H1}<div class='t-feed__post-popup__date'>17.05.2024 09:30</div><div class=t-feed__post-popup__text>{BODY}</div></div>"), {"published": "2024-05-17 09:30:00+05:00", "in": THIRD}),
    "a rubric with a label": (page(article="<div class=category-name>Категория: <a href=/o>Общество</a></div>"), {"section": "Общество"}),
    "a version for printers": (plain(f"{H1}{BODY}", title="Версия для печати - Степь зацвела"), {"title": "Степь зацвела"}),
    "a signature and a credit": (page().replace(THIRD, f"{THIRD}</p><p>Дана АМЕНОВА,<br>фото автора"), {"author": DANA}),
    "an offer to subscribe": (page().replace("</article>", "<p>Полный текст доступен только подписчикам.</p></article>"), {"out": "подписчик"}),
    "a picture by its path": (page("<link rel=canonical href='https://gazeta.example/n/41'><meta property='og:image' content='/i/1.jpg'>"), {"url": "https://gazeta.example/n/41", "image": "https://gazeta.example/i/1.jpg"}),
    "the address of the browser": ("<!-- saved from url=(0028)https://gazeta.example/n/42 -->" + page("<link rel=canonical href='/n/42'>"), {"url": "https://gazeta.example/n/42"}),
    "frames before the page": (FRAMES.format(page()), {"url": "https://gazeta.example/n/43", "in": THIRD}),
}  # fmt: skip

# Headlines of articles, which begin as the titles of pages that say that there is none.
HEADLINES = (
    "Документ не найден в архиве", "Доступ ограничен: трассу закрыли", "404 километра пути", "Страница истории",
    "Не найдено ни одного нарушения", "Ошибка 500 тысяч рублей стоила места", "Ошибка 500-летней давности",
    "Доступ к воде ограничен", "Страница не найдена: куда исчезла летопись", "Вы не робот? Как отличить журналиста",
    "Технические работы", "Ошибка 404 как искусство", "Файл не найден, но память жива", "Бет табылмады",
    "Сайт временно недоступен: степь без связи", "403 Forbidden", "Нет такой страницы в учебнике", "Index of / freedom",
)  # fmt: skip

ITEM = "<div><h2><a href='/n/{n}'>Новость номер {n} о том, как зацвела степь</a></h2><p>Изложение новости номер {n}.</p></div>"
REJECTED = {
    "tag.html": (plain("<h1>степь</h1>" + "".join(ITEM.format(n=n) for n in range(10))), "list of other articles"),
    "first.html": (plain("<p>" + FIRST + "</p>" + ITEM.format(n=1), "<meta property='og:type' content='website'><link rel=canonical href='https://gazeta.example/'>"), "first page of a site"),
    "404.html": (plain("<h1>Ошибка 404</h1><p>Запрашиваемая страница не найдена, попробуйте поиск по сайту.</p>", title="Страница не найдена"), "'Страница не найдена'"),
    "moment.html": (plain("<p>Checking your browser before accessing gazeta.example. This is automatic.</p>", title="Just a moment..."), "'Just a moment...'"),
    "robots.txt": ("# all\nUser-agent: *\nDisallow: /admin\nSitemap: https://gazeta.example/sitemap.xml\n", "for robots"),
    "503.html": (plain("<h1>503 Service Temporarily Unavailable</h1><p>nginx, please try again in a minute.</p>", title="503 Service Temporarily Unavailable"), "is no article, but"),
    "forbidden.html": (plain("<h1>Доступ запрещён</h1><p>Обратитесь к тем, у кого есть ключ от этого раздела.</p>", title="Доступ запрещён | Вестник"), "is no article, but"),
    "script.html": (plain("<div id=root></div><noscript>You need to enable JavaScript to run this app.</noscript>"), "no article in it"),
    "gone.html": (plain("<h1>Упс! Страница не найдена</h1><p>Проверьте адрес или вернитесь на главную.</p>", title="Упс! Страница не найдена"), "is no article, but"),
}  # fmt: skip


def test_a_page_of_each_kind_comes_in_right_or_is_named(tmp_path: Path) -> None:
    door = Door(tmp_path)
    for name, (content, _) in KINDS.items():
        door.write(f"pages/{name}.html", content)
    for name, (content, _) in REJECTED.items():
        door.write(f"pages/{name}", content)
    for n, headline in enumerate(HEADLINES):
        door.write(
            f"pages/h{n}.html",
            plain(f"<h1>{headline}</h1><i>17.05.2024</i><p>{FIRST}</p>", title=f"{headline} — Вестник"),
        )
    messages = door.take_in(tmp_path / "pages", code=3).stderr
    archive = open_archive(door.index)
    wrong = {kind: difference for kind in KINDS if (difference := _difference(archive, kind))}
    assert not wrong
    assert [archive.article(f"h{n}.html").title for n in range(len(HEADLINES))] == [*HEADLINES]
    for name, (_, reason) in REJECTED.items():
        (line,) = [line for line in messages.splitlines() if f"/{name}" in line]
        assert reason in line


def _difference(archive: Archive, kind: str) -> dict[str, Any]:
    """What of an article is not as it must be."""
    expected = dict(KINDS[kind][1])
    article = archive.article(expected.get("url") or f"{kind}.html")
    whole = "\n".join((article.title, article.lead, article.text))
    wanted, unwanted = expected.pop("in", ""), expected.pop("out", "\0")
    wrong = {"in": whole} if wanted not in whole else {"out": whole} if unwanted in whole else {}
    values = {name: getattr(article, name) for name in expected}
    if values.get("published"):
        values["published"] = str(values["published"])
    return wrong | {name: value for name, value in values.items() if value != expected[name]}


def test_the_pages_at_hand_come_in_as_they_must() -> None:
    if not DATA.exists():
        pytest.skip("no real data: the pages of cases/")
    wanted = [json.loads(line) for line in (DATA / "want.jsonl").read_text("utf-8").splitlines()]
    records: dict[str, Any] = {row.key: row.record for row in open_source(str(DATA)).rows() if row.key != "want.jsonl"}  # type: ignore[union-attr]  # nothing is unchanged
    wrong = []
    for case in wanted:
        record = records[case["page"]]
        if isinstance(case["want"], list):
            right = all(part in f"{record.get('lead', '')}\n{record['text']}" for part in case["want"])
        else:
            right = (record.get(case["field"]) or "") == (case["want"] or "")
        wrong += [] if right else [(case["page"], case["field"], record.get(case["field"]))]
    assert not wrong


def test_a_folder_says_what_it_passes_over_and_reads_what_is_html(tmp_path: Path) -> None:
    door = Door(tmp_path)
    archived = (
        "From: <Saved by Blink>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=X\r\n\r\n--X\r\n"
        "Content-Type: text/html\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + page() + "\r\n--X--\r\n"
    )
    pages = {"index.html?id=5": page(), "17.php": page(), "17.shtml": page(), "news": page(), "s.mhtml": archived}
    pages["x.xhtml"] = f'<?xml version="1.0" encoding="UTF-8"?>{page()}'
    for name, content in pages.items():
        door.write(f"pages/{name}", content)
    for name in ("1.jpg", "2.jpg", "s.css", "src.php"):
        door.write(f"pages/{name}", "<?php echo 1;")
    door.write("pages/NEWS_Files/frame.html", page())
    door.write("pages/news.HTML", page())
    (tmp_path / os.fsdecode(b"pages/Nov\xee.html")).write_text(page(), "utf-8")
    packed = {"packed.html": gzip.compress(page().encode()), "wide.html": page().encode("utf-16-le")}
    for name, content in packed.items():
        (tmp_path / "pages" / name).write_bytes(content)
    ran = door.take_in(tmp_path / "pages")
    assert "/pages: no articles, and passed over: 2 .jpg, 1 folder of what a page shows, 1 .css, 1 .php" in ran.stdout
    assert sorted(door.found("тюльпаны")) == sorted([*pages, *packed, "news.HTML", "Nov\\xee.html"])
    again = door.take_in(tmp_path / "pages").stdout
    assert "1 unchanged" not in again  # all are
    assert "2 .jpg" in again, "it is said also where no page was read"
    assert door.run("try", tmp_path / "pages" / "17.php").stdout.startswith(f"{tmp_path}/pages/17.php: an article")


def test_two_pages_of_one_address_with_other_texts_are_told(tmp_path: Path) -> None:
    door = Door(tmp_path)
    head = "<link rel=canonical href='https://gazeta.example/n/1'>"
    door.write("pages/1.html", page(head))
    door.write("pages/1-copy.html", page(head))
    door.write("pages/2.html", page(head).replace("Экскурсии", "Поездки"))
    messages = door.take_in(tmp_path / "pages").stderr
    assert "2.html: url: that of 1-copy.html as well, whose text is another" in messages
    assert "1.html: url" not in messages


def test_what_gives_no_whole_date_or_text_is_said(tmp_path: Path) -> None:
    door = Door(tmp_path)
    door.write("pages/1.html", page(article="<div>Вчера, 14:30</div>"))
    updates = "".join(f"<aside><p>{SECOND} {n}</p></aside>" for n in range(30))
    door.write("pages/2.html", plain(f"{H1}<p>{FIRST}</p>{updates}"))
    messages = door.take_in(tmp_path / "pages").stderr
    assert "1.html: published: 'Вчера, 14:30' (text) is no date; without a date" in messages
    assert f"2.html: text: {len(FIRST)} characters of a page that shows 3," in messages


@pytest.mark.parametrize(
    "hostile",
    [
        "<title>" + "Степь | " * 12_500 + "</title>" + H1 + BODY,
        "<h1>" + "\N{NO-BREAK SPACE}" * 100_000 + "Степь</h1>" + BODY,
        f"{H1}<p>{FIRST}" + "\N{NO-BREAK SPACE}" * 100_000 + f"конец</p>{BODY}",
        "<h1>Степь</h1>" * 40 + BODY,
        linked(json.dumps({"@type": "NewsArticle", "keywords": ["слово"] * 150_000})) + H1 + BODY,
        f"<meta name=author content='{'1' * 20_000}'>{linked(news(description='/* ' * 30_000))}{H1}{BODY}",
        H1 + BODY + "<blockquote>" + "<a href=/1>Новость</a> " * 3_000 + "</blockquote>",
    ],
    ids=["title", "heading", "blanks", "headings", "data", "author", "links"],
)
def test_no_page_costs_a_hundred_times_what_others_do(tmp_path: Path, hostile: str) -> None:
    door = Door(tmp_path)
    door.write("1.html", f"<!doctype html><meta charset=utf-8>{hostile}")
    ran = door.run("try", tmp_path / "1.html", "--json")
    assert json.loads(ran.stdout)["fields"]
