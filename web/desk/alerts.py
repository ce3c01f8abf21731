"""The alerts that editors make: from a page of results, at the desk, and how who gets them ends them."""

import logging
import re
import secrets
from datetime import UTC, datetime, timedelta
from itertools import groupby, islice
from typing import Any

import msgspec
from flask import Blueprint, abort, current_app, g, redirect, request, url_for
from msgspec import structs
from werkzeug.wrappers import Response as AnyResponse

from search import Settings, UserError
from search.config import MAIL
from search.guidance.russian import described, when
from search.records.alerts import MOST, AlertFile, EditorAlert, every_delivery
from web.address import request_host
from web.desk.editors import require_editor
from web.live import archive, zone
from web.markup import one_line, render
from web.parameters import PageParameters, read_leniently, read_valid

log = logging.getLogger("arkhiv")

# Articles that «Что пришло бы сегодня» shows, addresses of an alert.
SHOWN, ADDRESSES = 50, 10
_RATES = {"at_once": "сразу", "daily": "раз в день", "weekly": "раз в неделю, по понедельникам"}
_WITHIN = {
    "": "все, что появятся в архиве",
    "day": "только вышедшие за последний день",
    "week": "только вышедшие за последнюю неделю",
    "year": "только вышедшие за последний год",
}

blueprint = Blueprint("alerts", __name__)


@blueprint.errorhandler(OSError)
def unreadable(error: OSError) -> tuple[str, int]:
    """The page for editors where a file of theirs cannot be read or written: the log says why."""
    log.error("what editors keep cannot be read or written: %s", error)
    return _notice("Страница сейчас недоступна", "unwritable"), 503


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def _file() -> AlertFile:
    return AlertFile(_settings().index)


def _require_editor() -> None:
    """Only editors come in, and only if there are any. What changes something comes from the service's own pages:
    browsers send a password along wherever a form is."""
    if not _settings().editors_token:
        abort(404)
    require_editor()
    own = {None, f"http://{request_host()}", f"https://{request_host()}", _settings().site_url.rstrip("/")}
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if request.method == "POST" and not (site in {"same-origin", "none"} if site else origin in own):
        abort(403)


@blueprint.get("/desk/alerts")
def alerts() -> str:
    """The alerts of editors, and how each stands."""
    _require_editor()
    listed = _file().alerts()
    deliveries = every_delivery(_settings(), listed)
    statuses = zip(deliveries, _file().statuses(deliveries), strict=True)
    of_alert = {alert: [*pairs] for alert, pairs in groupby(statuses, lambda pair: pair[0].alert)}
    return _page("list", rows=[(alert, of_alert.get(alert, [])) for alert in listed], when=when)


@blueprint.get("/desk/alerts/new")
def new() -> str:
    """The form of an alert on a query, which comes as the parameters of `/`."""
    _require_editor()
    return _form(read_valid(PageParameters, request.args), {})


@blueprint.post("/desk/alerts")
def create() -> str | AnyResponse | tuple[str, int]:
    """A new alert; the form again, and what is wrong with it, where there is none to make."""
    _require_editor()
    form, parameters = request.form, read_leniently(PageParameters, request.form)
    alert = _alert(parameters, form.to_dict())
    if isinstance(alert, EditorAlert) and _file().add(alert):
        return redirect(url_for("alerts.alerts"), 303)
    full = f"Оповещений уже {MOST}, больше завести нельзя. Отключите лишние."
    return _form(parameters, form.to_dict(), alert if isinstance(alert, str) else full), 422


def _alert(parameters: PageParameters, form: dict[str, str]) -> EditorAlert | str:
    """The alert that a form describes, or what is wrong with it."""
    addresses = tuple(filter(None, re.split(r"[,;\s]+", form.get("mail", ""))))
    webhook = form.get("webhook", "")
    for address in addresses:
        if not MAIL.fullmatch(address):
            return f"«{one_line(address)[:100]}» — не адрес почты. Пишите так: news@gazeta.example."
    if len(addresses) > ADDRESSES:
        return f"Адресов больше {ADDRESSES}. Заведите на остальные ещё одно оповещение."
    if not addresses and not webhook:
        return "Укажите, куда сообщать: адрес почты или чат."
    if webhook and webhook not in _settings().webhooks:
        return f"Чата «{one_line(webhook)[:100]}» больше нет в настройках. Выберите другой."
    values = parameters.parameters()
    values |= {"query": parameters.typed, "words": "most" if parameters.words == "most" else "all"}
    values |= {field: form[field] for field in ("rate", "hour", "within") if form.get(field)}
    values |= {"mail": addresses, "webhook": webhook, "id": secrets.token_urlsafe(16)}
    name = _printable(form.get("name", "")) or _name(parameters)
    try:
        alert = msgspec.convert(values | {"name": name}, EditorAlert, strict=False)
    except msgspec.ValidationError:
        return "Так сообщать нельзя: выберите, как часто, во сколько и о каких статьях, из списков."
    if alert.options(datetime.now(UTC), zone()) is None:
        return "О таких статьях сообщений не будет: все они вышли раньше. Выберите «все, что появятся в архиве»."
    return " ".join(archive().parsed(alert.query).notes) or alert


def _name(parameters: PageParameters) -> str:
    """What an alert is called that nobody named."""
    return _printable(parameters.typed) or _printable(described("", "all", parameters))


def _printable(name: str) -> str:
    """A name in one line of what can be seen, as long as one may be."""
    return " ".join("".join(char if char.isprintable() else " " for char in name).split())[:100].strip()


def _form(parameters: PageParameters, typed: dict[str, str], mistake: str = "") -> str:
    settings = _settings()
    chosen = structs.replace(parameters, page=1, per_page=10, sort=None)
    ways = {"can_mail": settings.smtp and settings.mail_from, "webhooks": settings.webhook_secret and settings.webhooks}
    values = {"name": _name(chosen), **typed}
    return _page("new", chosen=chosen, typed=values, mistake=mistake, **ways)


@blueprint.get("/desk/alerts/<alert_id>")
def tried(alert_id: str) -> str:
    """«Что пришло бы сегодня»: what came in during the last day, or of a weekly alert week, and would be reported."""
    _require_editor()
    (alert,) = [alert for alert in _file().alerts() if alert.id == alert_id] or [abort(404)]
    options = alert.options(datetime.now(UTC) - timedelta(days=7 if alert.rate == "weekly" else 1), zone())
    articles = [*islice(archive().every(alert.query, **options), SHOWN + 1)] if options else []
    return _page("tried", alert=alert, articles=articles[:SHOWN], has_more=len(articles) > SHOWN)


@blueprint.post("/desk/alerts/<alert_id>")
def change(alert_id: str) -> AnyResponse:
    """Pause an alert, resume it or end it, whichever the form asks for."""
    _require_editor()
    match request.form.get("action"):
        case "pause" | "resume" as action:
            _file().change(alert_id, lambda alert: structs.replace(alert, paused=action == "pause"))
        case "end":
            _file().change(alert_id, lambda _: None)
        case _:
            raise UserError("action", "not one of pause, resume, end")
    return redirect(url_for("alerts.alerts"), 303)


@blueprint.get("/alerts/stop/<alert_id>")
def stopping(alert_id: str) -> str:
    """Asks whoever follows the link in a letter, since programs that look for viruses follow it too."""
    g.private = True
    return _notice("Отключить оповещение?", "stopping", alert_id=alert_id, to=request.args.get("to", ""))


@blueprint.post("/alerts/stop/<alert_id>")
def stopped(alert_id: str) -> str:
    """The mail of an alert ends, or that `to` one address, in one click (RFC 8058): who has the id got a letter. The
    answer does not tell whether there was such an alert."""
    g.private = True
    to = request.args.get("to", "").lower()

    def without_mail(alert: EditorAlert) -> EditorAlert | None:
        remaining = tuple(address for address in alert.mail if to and address.lower() != to)
        return structs.replace(alert, mail=remaining) if remaining or alert.webhook else None

    _file().change(alert_id, without_mail)
    return _notice("Оповещение отключено", "stopped")


def _notice(heading: str, kind: str, **values: Any) -> str:
    return _page("notice", heading=heading, kind=kind, **values)


def _page(template: str, **values: Any) -> str:
    words = {"described": described, "rates": _RATES, "within": _WITHIN}
    return render(f"alerts/{template}.html", parameters=PageParameters(), **words, **values)
