"""Makes the pictures of the README: `python -m tests.tools.screenshots FOLDER`, over the bundled sample."""

from __future__ import annotations

import logging
import os
import sys
import tempfile
from pathlib import Path

from click.testing import CliRunner
from playwright.sync_api import Page

from indexer.cli import main
from search import Settings
from tests.browser.site import browsing, serving
from web import create_app

SAMPLE = Path(__file__).parent.parent.parent / "indexer" / "sample.jsonl"
ADDRESSES = {
    "search": "/?q=встреча министров",
    "archive": "/archive/2024/5",
    "article": "/article/kp-2019-0228-1?q=встреча министров",
    "nothing": "/?q=абракадабра",
}


def shoot(base: str, folder: Path, browser_path: str) -> None:
    """All of the pictures into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with browsing(browser_path) as browser:
        page = browser.new_page(viewport={"width": 1040, "height": 700})
        page.goto(base + ADDRESSES["search"])  # the first takes longer, and tells so
        for name, address in ADDRESSES.items():
            page.goto(base + address)
            page.screenshot(path=folder / f"{name}.png")
        desk(page, base)
        page.screenshot(path=folder / "desk.png")
        phone = browser.new_page(viewport={"width": 360, "height": 720}, color_scheme="dark")
        phone.goto(base + ADDRESSES["search"])
        phone.screenshot(path=folder / "phone.png")


def desk(page: Page, base: str) -> None:
    """A desk with three articles of two searches."""
    page.goto(f"{base}/desk")
    for address, number in (("/?q=встреча министров", 0), ("/?q=встреча министров", 1), ("/?q=ёлка", 0)):
        page.goto(base + address)
        page.locator(".collect").nth(number).click()
    page.goto(f"{base}/desk")
    page.fill("#desk-title", "К обзору года")
    page.locator("#collected textarea").first.fill("Сверить с прошлогодней заметкой")


if __name__ == "__main__":
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as work:
        url = f"whoosh:{work}/index"
        assert CliRunner().invoke(main, ["rebuild", str(SAMPLE), "--index", url]).exit_code == 0
        with serving(create_app(Settings(index=url))) as address:
            shoot(address, Path(sys.argv[1]), os.environ.get("ARKHIV_TEST_BROWSER") or "/usr/bin/chromium")
