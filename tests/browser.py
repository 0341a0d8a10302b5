"""A browser of this machine's own: Debian's Chromium, which opens a page as a leader's does."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

WIDTHS = (1600, 1366, 390)
_WHERE = shutil.which("chromium") or shutil.which("chromium-browser")
NEEDS_BROWSER = pytest.mark.skipif(
    _WHERE is None,
    reason="needs Debian's packages chromium and fonts-noto-cjk",
)


@dataclass(frozen=True)
class Opened:
    """What opening a page showed.

    Addresses that it asked for beside its own, words on the console, and the widths of the screen at which it was
    wider than that.
    """

    requests: list[str]
    messages: list[str]
    too_wide: list[int]


def browsers() -> Iterator[Any]:
    """Start the browser once for all pages."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as programs:
        browser = programs.chromium.launch(
            executable_path=_WHERE, args=["--no-sandbox"]
        )
        yield browser
        browser.close()


def opened(browser: Any, path: Path) -> Opened:
    """Open a page at each width of a screen."""
    seen = Opened([], [], [])
    address = path.as_uri()
    for width in WIDTHS:
        page = browser.new_page(viewport={"width": width, "height": 900})
        page.on("request", lambda request: seen.requests.append(request.url))
        page.on("console", lambda message: seen.messages.append(message.text))
        page.on("pageerror", lambda fault: seen.messages.append(str(fault)))
        page.goto(address)
        if page.evaluate("document.documentElement.scrollWidth") > width:
            seen.too_wide.append(width)
        page.close()
    own = [url for url in seen.requests if url == address]
    assert len(own) == len(WIDTHS)
    others = [url for url in seen.requests if url != address]
    return Opened(others, seen.messages, seen.too_wide)


def printed(browser: Any, path: Path) -> bytes:
    """Return a page as it is printed."""
    page = browser.new_page()
    page.goto(path.as_uri())
    data: bytes = page.pdf(prefer_css_page_size=True, print_background=True)
    page.close()
    return data
