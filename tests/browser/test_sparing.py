"""What a page loads besides, where its owner wants it spared; and how often pages are loaded."""

from __future__ import annotations

from collections import Counter

import pytest
from browser.bare_site import BarePerson, BareSite, serving
from cli.user import Said, User

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.usefixtures("whole_browser")]

BESIDE = """<style>@font-face { font-family: F; src: url(/font.woff2) } i { font-family: F }
b { background: url(/behind.png) }</style><i>a word</i><b>a word</b><img src="/photo.png">
<script async src="{elsewhere}/tracker.js"></script>"""
IMAGES = {("127.0.0.1", "/behind.png"), ("127.0.0.1", "/photo.png")}
FONTS = {("127.0.0.1", "/font.woff2")}
OTHERS = {("localhost", "/tracker.js")}
LEAD = "/sales/lead/ACwAAAaaa{},NAME_SEARCH,abcd"
THREAD = "/sales/inbox/2-ACwAAAaaa{}%3D%3D"
MORNING, NEXT_DAY = "2026-03-02T09:00:00Z", "2026-03-03T09:00:00Z"


def people() -> dict[str, BarePerson]:
    """Two who cost a credit, and one who is free."""
    some = (
        BarePerson("ACwAAAaaa1", "Bo Lind"),
        BarePerson("ACwAAAaaa2", "Cleo Sand", free=True),
        BarePerson("ACwAAAaaa3", "Dag Nowhere"),
    )
    return {each.id: each for each in some}


@pytest.mark.parametrize(
    ("block", "spared"),
    [
        ("[]", set()),
        ('["images"]', IMAGES),
        ('["fonts", "other-hosts"]', FONTS | OTHERS),
    ],
)
def test_what_is_spared_is_not_asked_for(
    user: User, block: str, spared: set[tuple[str, str]]
) -> None:
    """All else is, by the site's own record; and each InMail goes out as ever."""
    with serving(BareSite(people(), beside=BESIDE)) as site:
        user.settle_in(site.url, more=f"\n[browser]\nblock = {block}\n")
        assert user.stint().code == 0
        assert sorted(lead for lead, _, _ in site.posts) == sorted(site.people)
        assert set(site.asked) & (IMAGES | FONTS | OTHERS) == (IMAGES | FONTS | OTHERS) - spared


def test_a_page_is_loaded_once_for_a_decision(user: User) -> None:
    """An InMail loads its lead, a message its thread, a reading the inbox or one thread: once."""
    with serving(BareSite(people())) as site:
        user.settle_in(site.url)
        morning = user.stint(at=MORNING)
        assert loads(site) == wanted(morning, look=LEAD.format("1"))
        site.asked.clear()
        site.people["ACwAAAaaa1"].thread.append(
            (False, "Hi Robin,\nThanks for reaching out. I'd like to learn more.")
        )
        next_day = user.stint(at=NEXT_DAY)
        # The site itself loads a thread anew when something was written in it.
        its_own = Counter([THREAD.format("1")])
        assert loads(site) == wanted(next_day, look=THREAD.format("1")) + its_own


def loads(site: BareSite) -> Counter[str]:
    """How often each page was loaded; what only sends on to another address is none."""
    pages = [path for _, path in site.asked if path.startswith("/sales/")]
    return Counter(path for path in pages if "/sales/lead/" not in path or "," in path)


def wanted(stint: Said, look: str) -> Counter[str]:
    """A page for each action that was told of; *look* is where the day's look at the hooks goes."""
    assert stint.code == 0, stint.err
    told = [line for line in stint.lines if line["action"] != "wait"]
    assert {line["outcome"] for line in told} <= {"done", "sent"}, told
    return Counter(_page_of(line["action"], line["lead_id"], look) for line in told)


def _page_of(action: str, lead_id: str | None, look: str) -> str:
    if action == "look":
        return look
    if lead_id is None:
        return {"import": "/sales/search/people", "read-inbox": "/sales/inbox/"}[action]
    return (LEAD if action == "inmail" else THREAD).format(lead_id[-1])
