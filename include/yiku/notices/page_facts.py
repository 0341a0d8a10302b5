"""What a digest says of the pages and bulletins that came out: where its readers find them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from yiku.bulletin.contents import paper_name
from yiku.calendar import is_quarter
from yiku.gazetteer.places import division_name
from yiku.notices.digests import Enclosure, NoticeFact
from yiku.wall import PAGE_NAME
from yiku.warehouse import bulletins, digest_facts
from yiku.warehouse.bulletins import Issue
from yiku.warehouse.connection import Connection
from yiku.warehouse.unit_deliveries import BULLETIN, WALL_PAGE, places_of

BULLETIN_DAYS = 7  # so long an issued bulletin is spoken of
# The outbox is a folder of the server: of what lies there alone whoever keeps
# it hands it out.
_ASK = "请向运维人员取"
_ENCLOSED = "随邮件附上"


def wall_pages(conn: Connection, day: date) -> Iterator[NoticeFact]:
    """Yield the wall pages that were drawn on ``day``."""
    places = places_of(conn, WALL_PAGE, day)
    for county, unit in digest_facts.drawn_pages(conn, day):
        place = places.get((county, unit, PAGE_NAME))
        detail = f"{day} 的页面，{_where(place)}"
        title = f"《{PAGE_NAME}》"
        yield NoticeFact("wall_page", county, unit, title, detail=detail)


def bulletins_issued(conn: Connection, day: date) -> Iterator[NoticeFact]:
    """Yield the bulletins of the last days."""
    since = day - timedelta(BULLETIN_DAYS)
    places = places_of(conn, BULLETIN, since)
    for issue in bulletins.issued_since(conn, since):
        kind = "inspection" if is_quarter(issue.period) else "bulletin"
        title = paper_name(issue.period, issue.issue)
        county = issue.county_code
        place = None
        for (whose, _, name), found in places.items():
            # The county's name stands in front of it.
            if whose == county and name.endswith(f"{title}.docx"):
                place = found
        detail = f"{issue.issued_on} 印发，{_ENCLOSED}；也{_where(place)}"
        if place is None:
            detail = f"{issue.issued_on} 印发，{_ENCLOSED}，不用邮件的{_ASK}"
        enclosure = _enclosed(conn, issue, title)
        yield NoticeFact(
            kind, county, None, title, detail=detail, enclosure=enclosure
        )


def _enclosed(conn: Connection, issue: Issue, title: str) -> Enclosure:
    """Return the Word file as it was issued: the one in the outbox may have been edited since."""
    county = division_name(issue.county_code)
    document = bulletins.document_of(conn, issue.bulletin_id)
    key = f"bulletin {issue.bulletin_id}"
    return Enclosure(key, f"{county}{title}.docx", document)


def _where(place: str | None) -> str:
    return f"在 {place}" if place else _ASK
