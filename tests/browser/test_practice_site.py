"""The practice site in a real browser: it behaves as site.md says, and fails on command."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from playwright.sync_api import Page, expect

from bot.practice.faults import FaultKind, Moment, PlannedFault
from bot.practice.people import Language, What
from bot.practice.records import By
from bot.practice.scenario import load
from bot.practice.server import Running, start

pytestmark = pytest.mark.browser

ADA, BASIL, COSMO, DELIA, ELIO, FENNA = (person.id for person in load("small").people[:6])
NAME = "h1[data-x--lead--name]"
MESSAGE = "button[data-anchor-send-inmail]:visible"
PANEL = '[role="dialog"]'
FORM = 'form[data-x-conversation-widget="compose-form"]'
SUBJECT = f"{FORM} input:not([type=checkbox])"
BODY = f'{FORM} textarea[name="message"]'
SEND = f"{FORM} button[data-sales-action]"
LINE = f"{FORM} span.ml1.t-12.truncate"
MINE = 'article[aria-label="Message from you"]'
HOSTILE = '"><img src=x onerror="window.hurt=1"><script>window.hurt=1</script>'
Open = Callable[..., Running]


@pytest.fixture
def page(page: Page) -> Iterator[Page]:
    """A fresh tab; an error in the site's own script fails the test."""
    errors: list[str] = []
    page.set_default_timeout(8000)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert errors == []


@pytest.fixture
def site() -> Iterator[Open]:
    """Starts practice sites, and stops them after the test."""
    running: list[Running] = []

    def open_site(*faults: PlannedFault, **changes: object) -> Running:
        scenario = replace(load("small"), faults=faults, **changes)  # type: ignore[arg-type]
        running.append(start(scenario))
        return running[-1]

    yield open_site
    for each in running:
        each.stop()


def fault(kind: FaultKind, **more: object) -> PlannedFault:
    """A fault at the moment that is usual for it."""
    return PlannedFault(kind=kind, **({"on": kind.moment} | more))  # type: ignore[arg-type]


def open_lead(page: Page, at: Running, lead_id: str = ADA) -> None:
    """A lead page, and wait until it stands."""
    page.goto(f"{at.url}/sales/lead/{lead_id}")
    page.wait_for_selector(NAME)


def write(page: Page, at: Running, lead_id: str = ADA) -> None:
    """A composer that holds subject and body."""
    open_lead(page, at, lead_id)
    page.click(MESSAGE)
    page.fill(SUBJECT, "Hello there")
    page.fill(BODY, "Shall we talk?")


def sent(at: Running) -> list[str]:
    """Whom the page's messages reached."""
    return [each.lead_id for each in at.truth().deliveries if each.by is By.PAGE]


def test_an_inmail_from_the_lead_page_to_the_thread(page: Page, site: Open) -> None:
    """The whole walk: one delivery, one credit, and the panel becomes the thread."""
    at = site()
    write(page, at)
    expect(page.locator(LINE)).to_have_text("Use 1 of 20 credits")
    page.click(SEND)
    expect(page.locator(PANEL)).to_contain_text("Awaiting reply from Ada Amberwood")
    expect(page.locator(PANEL).locator(MINE)).to_contain_text("Shall we talk?")
    expect(page.get_by_text("Message sent", exact=True)).to_be_visible()
    assert sent(at) == [ADA]
    assert at.ask(lambda world: world.balance()) == 19


def test_the_shell_is_filled_after_it_has_loaded(page: Page, site: Open) -> None:
    """The document alone holds a loading mark and no lead."""
    at = site()
    shell = httpx.get(f"{at.url}/sales/lead/{ADA}", follow_redirects=True).text
    assert "initial-load-animation" in shell
    assert "Amberwood" not in shell
    open_lead(page, at)
    assert page.locator(".initial-load-animation").count() == 0


def test_addresses_lead_where_they_do_on_the_site(page: Page, site: Open) -> None:
    """A bare id and both old spellings arrive at the three-part form (site.md, 1)."""
    at = site()
    for path in (
        f"lead/{ADA}",
        f"people/{ADA},aaaa,NAME_SEARCH",
        f"people/{ADA},name",
        f"lead/{ADA},NAME_SEARCH,aaaa?_ntb=x",
        f"lead/{ADA},undefined,undefined",
    ):
        page.goto(f"{at.url}/sales/{path}")
        page.wait_for_selector(NAME)
        assert f"/sales/lead/{ADA}," in page.url
        expect(page.locator(NAME)).to_have_text("Ada Amberwood")


def test_the_page_fetches_its_own_data(page: Page, site: Open) -> None:
    """Profile, credits and threads are heard before the page shows them."""
    at, heard = site(), list[str]()
    page.on("response", lambda response: heard.append(response.url))
    open_lead(page, at, BASIL)
    page.goto(f"{at.url}/sales/inbox/")
    page.wait_for_selector(".thread-container article")
    for name in ("salesApiProfiles/(profileId:", "salesApiCredits?", "salesApiMessagingThreads?"):
        assert any(name in url for url in heard), name


@pytest.mark.parametrize(
    ("lead_id", "line"),
    [(ADA, "Use 1 of 20 credits"), (BASIL, "Free to Open Profile"), (DELIA, None)],
)
def test_the_credit_line_tells_the_kinds_apart(
    page: Page, site: Open, lead_id: str, line: str | None
) -> None:
    """K2: credit, free, and for a first-degree lead neither line nor subject."""
    at = site()
    open_lead(page, at, lead_id)
    page.click(MESSAGE)
    page.wait_for_selector(BODY)
    assert page.locator(LINE).all_inner_texts() == ([line] if line else [])
    assert page.locator(SUBJECT).count() == (1 if line else 0)


def test_without_credits_there_is_nothing_to_type_in(page: Page, site: Open) -> None:
    """K2: none left is a panel without a text box."""
    at = site(lots=())
    open_lead(page, at)
    page.click(MESSAGE)
    expect(page.locator(PANEL)).to_contain_text("No InMail credits left")
    assert page.locator(f"{PANEL} textarea").count() == 0


def test_who_cannot_be_written_to_has_no_button(page: Page, site: Open) -> None:
    """K1: unreachable has no Message button that works."""
    at = site()
    open_lead(page, at, COSMO)
    assert page.locator(f"{MESSAGE}:enabled").count() == 0


def test_the_message_button_may_stand_in_the_menu(page: Page, site: Open) -> None:
    """site.md 3: then the overflow menu opens the composer."""
    at = site()
    open_lead(page, at, FENNA)
    assert page.locator(MESSAGE).count() == 0
    page.locator("button[data-x--lead-actions-bar-overflow-menu]:visible").click()
    page.click('#hue-web-menu-outlet li[data-test-overflow-menu-action="message"]')
    page.wait_for_selector(BODY)


def test_send_wants_both_texts_and_their_input_events(page: Page, site: Open) -> None:
    """A value that was only set is not typed."""
    at = site()
    open_lead(page, at)
    page.click(MESSAGE)
    page.fill(SUBJECT, "Hello")
    expect(page.locator(SEND)).to_be_disabled()
    page.eval_on_selector(BODY, "field => { field.value = 'set, not typed' }")
    expect(page.locator(SEND)).to_be_disabled()
    page.fill(BODY, "typed")
    expect(page.locator(SEND)).to_be_enabled()
    page.fill(BODY, "   ")
    expect(page.locator(SEND)).to_be_disabled()


def test_closing_with_text_asks_first(page: Page, site: Open) -> None:
    """An alertdialog offers Discard; an empty composer just closes."""
    at = site()
    write(page, at)
    page.click('button[aria-label^="Close conversation"]')
    page.click('[role="alertdialog"] button:has-text("Discard")')
    assert page.locator(PANEL).count() == 0
    page.click(MESSAGE)
    page.click('button[aria-label^="Close conversation"]')
    expect(page.locator(PANEL)).to_have_count(0)
    assert sent(at) == []


def test_cards_are_filled_as_the_inner_container_scrolls(page: Page, site: Open) -> None:
    """Few at first, all of them once their places were in view."""
    at = site()
    page.goto(f"{at.url}/sales/search/people?savedSearchId=1")
    page.wait_for_selector('[data-x-search-result="LEAD"]')
    cards = page.locator('[data-x-search-result="LEAD"]')
    assert page.locator("li.artdeco-list__item").count() == 25
    assert 6 <= cards.count() < 25
    inner = "[data-x--search-results-container]"
    for _ in range(40):
        page.eval_on_selector(inner, "inner => inner.scrollBy(0, 300)")
        page.evaluate("() => new Promise(requestAnimationFrame)")
    expect(cards).to_have_count(25)


def test_next_turns_the_page_by_button_and_by_address(page: Page, site: Open) -> None:
    """25 a page; the last page has nowhere to go."""
    at = site()
    page.goto(f"{at.url}/sales/search/people?savedSearchId=1")
    # By its key: cards that fill under the mouse move what it points at.
    page.press('[data-sn-view-name="search-pagination"] button[aria-label="Next"]', "Enter")
    page.wait_for_url("**page=2*")
    expect(page.locator('[data-x-search-result="LEAD"]')).to_have_count(5)
    after = page.locator('[data-sn-view-name="search-pagination"] button[aria-label="Next"]')
    assert after.count() == 0 or after.is_disabled()
    page.goto(f"{at.url}/sales/search/people?savedSearchId=1&page=2")
    expect(page.locator('[data-x-search-result="LEAD"]')).to_have_count(5)


def test_a_lead_list_is_a_table(page: Page, site: Open) -> None:
    """One row for each lead of the list."""
    at = site()
    page.goto(f"{at.url}/sales/lists/people/7")
    expect(page.locator("tr.artdeco-models-table-row")).to_have_count(3)


def test_the_inbox_opens_its_newest_thread(page: Page, site: Open) -> None:
    """By itself, and its address becomes the thread's."""
    at = site()
    at.ask(lambda world: world.send_inmail(BASIL, "Hello", "By hand.", by=By.OWNER))
    page.goto(f"{at.url}/sales/inbox/")
    expect(page.locator(".thread-container article")).to_contain_text("By hand.")
    assert page.url.endswith("%3D%3D")
    expect(page.locator("li.conversation-list-item")).to_have_count(2)
    expect(page.locator("body")).to_contain_text("InMail credits: 20 left")


def test_the_inbox_shows_twenty_and_more_on_scroll(page: Page, site: Open) -> None:
    """The inner list grows when it is scrolled to its end."""
    at = site()
    for person in load("small").people[5:30]:
        at.ask(lambda world, to=person.id: world.send_inmail(to, "Hello", "Hi", by=By.OWNER))
    page.goto(f"{at.url}/sales/inbox/")
    items = page.locator("li.conversation-list-item")
    expect(items).to_have_count(20)
    for _ in range(30):
        items.last.scroll_into_view_if_needed()
        page.mouse.wheel(0, 50)
        if items.count() > 20:
            break
    expect(items).to_have_count(21)


def test_a_message_is_written_in_an_accepted_thread(page: Page, site: Open) -> None:
    """S4: the form without a subject, then the message stands in the thread."""
    at = site()
    at.ask(lambda world: world.send_inmail(ADA, "Hello", "Shall we talk?", by=By.OWNER))
    at.ask(lambda world: world.advance(world.now + timedelta(days=2)))
    page.goto(f"{at.url}/sales/inbox/")
    page.wait_for_selector(".thread-container article")
    expect(page.locator(".thread-container")).to_contain_text("I'd like to learn more.")
    assert page.locator(SUBJECT).count() == 0
    page.fill(BODY, "Good, Tuesday then.")
    page.click(SEND)
    expect(page.locator(".thread-container")).to_contain_text("Good, Tuesday then.")
    assert sent(at) == [ADA]
    assert at.truth().deliveries[-1].cost == 0


def test_a_rejected_thread_has_no_form(page: Page, site: Open) -> None:
    """A3: a default rejection closes the thread for the sender."""
    at = site()
    at.ask(lambda world: world.send_inmail(FENNA, "Hello", "Shall we talk?", by=By.OWNER))
    at.ask(lambda world: world.answer(FENNA, What.REJECT_DEFAULT))
    page.goto(f"{at.url}/sales/inbox/")
    page.wait_for_selector(".thread-container article")
    assert page.locator(f".thread-container {FORM}").count() == 0


@pytest.mark.parametrize(
    ("language", "line", "sent_toast", "awaiting"),
    [
        (
            Language.DE,
            "1 von 20 InMail-Guthaben verwenden",
            "Nachricht gesendet",
            "Antwort von Ada Amberwood ausstehend",
        ),
        (
            Language.ES,
            "Usar 1 de 20 créditos",
            "Mensaje enviado",
            "Esperando respuesta de Ada Amberwood",
        ),
    ],
)
def test_the_site_speaks_the_scenarios_language(
    page: Page, site: Open, language: Language, line: str, sent_toast: str, awaiting: str
) -> None:
    """German and Spanish, from the composer to the thread."""
    at = site(language=language)
    write(page, at)
    expect(page.locator(LINE)).to_contain_text(line)
    page.click(SEND)
    expect(page.get_by_text(sent_toast, exact=True)).to_be_visible()
    expect(page.locator(PANEL)).to_contain_text(awaiting)
    assert sent(at) == [ADA]


def test_hostile_text_is_only_text(page: Page, site: Open) -> None:
    """A14: names and messages that look like markup do nothing and are shown as they are."""
    people = list(load("small").people)
    people[0] = replace(people[0], name=HOSTILE, title=HOSTILE, company=HOSTILE, headline=HOSTILE)
    at = site(people=tuple(people))
    at.ask(lambda world: world.send_inmail(ADA, HOSTILE, HOSTILE, by=By.OWNER))
    for path in (f"lead/{ADA}", "search/people?savedSearchId=1", "lists/people/7", "inbox/"):
        page.goto(f"{at.url}/sales/{path}")
        page.wait_for_selector("#app > *:not(.initial-load-animation)")
        expect(page.locator("#app")).to_contain_text(HOSTILE)
        assert page.evaluate("() => [window.hurt, document.querySelector('img[src=x]')]") == [
            None,
            None,
        ]


def test_classes_and_numbers_change_and_hooks_stay(site: Open) -> None:
    """Another seed is another build; another render has other ember numbers."""
    pages = []
    for seed in (3, 4):
        at = site(seed=seed)
        for _ in range(2):
            answer = httpx.get(f"{at.url}/sales/lead/{ADA},NAME_SEARCH,aaaa?fragment=page")
            pages.append(answer.json()["page"]["html"])
    assert len(set(pages)) > 1
    assert all("data-anchor-send-inmail" in html for html in pages)


# What goes wrong on command


def test_an_error_toast_leaves_the_form_and_delivers_nothing(page: Page, site: Open) -> None:
    """T3: the form stays as it was, and a second try works."""
    at = site(fault(FaultKind.SEND_ERROR))
    write(page, at)
    page.click(SEND)
    expect(page.get_by_text("There was an issue sending your InMail")).to_be_visible()
    assert page.input_value(BODY) == "Shall we talk?"
    assert sent(at) == []
    page.click(SEND)
    page.wait_for_selector(f"{PANEL} {MINE}")
    assert sent(at) == [ADA]


@pytest.mark.parametrize("form_stays", [False, True])
def test_a_lost_response_delivers_and_says_nothing(
    page: Page, site: Open, form_stays: bool
) -> None:
    """T3: no toast, no thread in the panel; the form stays usable or hangs."""
    at = site(fault(FaultKind.LOST_RESPONSE, form_stays=form_stays))
    write(page, at)
    with page.expect_event("requestfailed", lambda request: "createMessage" in request.url):
        page.click(SEND)
    if form_stays:
        expect(page.locator(SEND)).to_be_enabled()
    else:
        expect(page.locator(f"{FORM}[aria-busy=true]")).to_be_visible()
    assert page.locator('[role="alert"]:has-text("Message sent")').count() == 0
    assert sent(at) == [ADA]


def test_the_wrong_addressee_shows_in_the_link(page: Page, site: Open) -> None:
    """K6: only the id tells, and a send would reach the other one."""
    at = site(fault(FaultKind.WRONG_ADDRESSEE))
    open_lead(page, at)
    page.click(MESSAGE)
    page.wait_for_selector(BODY)
    link = page.get_attribute(f'{PANEL} a[href^="/sales/lead/"]', "href")
    assert link is not None
    assert ADA not in link
    page.fill(SUBJECT, "Hello")
    page.fill(BODY, "Shall we talk?")
    page.click(SEND)
    page.wait_for_selector(f"{PANEL} {MINE}")
    assert sent(at) == [link.removeprefix("/sales/lead/").partition(",")[0]]


def test_the_credit_line_may_be_missing_or_late(page: Page, site: Open) -> None:
    """K3: without the line nothing tells what a send would cost."""
    late = timedelta(milliseconds=400)
    at = site(fault(FaultKind.NO_CREDIT_LINE), fault(FaultKind.LATE_CREDIT_LINE, nth=2, delay=late))
    for lines in (0, 1):
        open_lead(page, at)
        page.click(MESSAGE)
        page.wait_for_selector(BODY)
        assert page.locator(LINE).count() == 0
        expect(page.locator(LINE)).to_have_count(lines)


def test_the_composer_may_not_open(page: Page, site: Open) -> None:
    """The click is answered, and nothing comes."""
    at = site(fault(FaultKind.NO_COMPOSER))
    open_lead(page, at)
    with page.expect_response("**fragment=composer*"):
        page.click(MESSAGE)
    assert page.locator(PANEL).count() == 0


def test_late_rendering_leaves_the_shell_standing(page: Page, site: Open) -> None:
    """A page that is not there yet is not an empty page."""
    late = fault(FaultKind.LATE_RENDER, delay=timedelta(milliseconds=500))
    at = site(late)
    page.goto(f"{at.url}/sales/lead/{ADA}")
    assert page.locator(".initial-load-animation").count() == 1
    page.wait_for_selector(NAME)


@pytest.mark.parametrize(
    ("kind", "status", "path"),
    [
        (FaultKind.LOGIN_WALL, 200, "/authwall"),
        (FaultKind.SESSION_GONE, 200, "/login"),
        (FaultKind.SECURITY_CHECK, 200, "/checkpoint/"),
        (FaultKind.NO_SEAT, 200, "/premium/"),
        (FaultKind.RESTRICTION, 200, "/sales/lead/"),
        (FaultKind.RATE_LIMIT, 429, "/sales/lead/"),
        (FaultKind.DENIED, 999, "/sales/lead/"),
    ],
)
def test_a_halt_stands_in_the_way_until_it_is_lifted(
    page: Page, site: Open, kind: FaultKind, status: int, path: str
) -> None:
    """L5: every page, and the page's own data, until the owner has dealt with it."""
    at = site(fault(kind))
    for _ in range(2):
        answer = page.goto(f"{at.url}/sales/lead/{ADA}")
        assert answer is not None
        assert answer.status == status
        assert path in page.url
        assert page.locator(NAME).count() == 0
    credits = httpx.get(f"{at.url}/sales-api/salesApiCredits?q=findCreditGrant")
    assert credits.status_code in (401, 403, 429, 999)
    httpx.post(f"{at.url}/practice/lift")
    open_lead(page, at)


def test_signing_in_ends_a_login_wall(page: Page, site: Open) -> None:
    """`leadwright login` can be practised: the form leads home."""
    at = site(fault(FaultKind.SESSION_GONE))
    page.goto(f"{at.url}/sales/home")
    page.fill("#username", "robin@example.com")
    page.fill("#password", "practice")
    page.click("form [type=submit], form button")
    page.wait_for_url("**/sales/home")


def test_a_missing_page_concerns_one_lead(page: Page, site: Open) -> None:
    """L5: 404 for that lead, and the next one stands."""
    at = site(fault(FaultKind.MISSING, on=Moment.LEAD, lead_id=ADA, times=None))
    for lead_id, status in ((ADA, 404), (BASIL, 200), ("ACwAAnobody", 404)):
        answer = page.goto(f"{at.url}/sales/lead/{lead_id}")
        assert answer is not None
        assert answer.status == status


def test_a_connection_may_break(site: Open) -> None:
    """No answer at all; the next request works."""
    at = site(fault(FaultKind.CONNECTION_RESET))
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{at.url}/sales/inbox/")
    assert httpx.get(f"{at.url}/sales/inbox/").status_code == 200


# The truth, and what is done by hand


def test_reading_writes_nothing(page: Page, site: Open) -> None:
    """T5: lead, composer, search, list and inbox leave no write behind."""
    at = site()
    write(page, at)
    for path in ("search/people?savedSearchId=1", "lists/people/7", "inbox/", "home"):
        page.goto(f"{at.url}/sales/{path}")
        page.wait_for_selector("#app > *:not(.initial-load-animation)")
    assert at.truth().writes == ()
    assert at.truth().views["lead"] == 1


def test_the_trap_writes_in_every_way(page: Page, site: Open) -> None:
    """T5: whatever a dry run must refuse does arrive when nobody refuses it."""
    at = site(trap=True)
    open_lead(page, at)
    page.click(MESSAGE)
    for _ in range(200):
        wrote = {(each.path, each.what) for each in at.truth().writes}
        if len(wrote) == 5:
            break
        page.wait_for_timeout(20)
    assert wrote == {
        ("/sales-api/salesApiLeadActions", "read with an action"),
        ("/sales-api/track", "request"),
        ("/sales-api/realtime", "web socket"),
        ("/static/worker.js", "service worker"),
        ("/sales-api/form", "request"),
    }


def test_the_clock_moves_by_order_and_by_header_and_never_back(site: Open) -> None:
    """The agent's simulated time is the site's."""
    at = site()
    health = f"{at.url}/practice/health"
    begun = httpx.get(health).json()["now"]
    httpx.post(f"{at.url}/practice/clock", json={"now": "2026-03-05T09:00:00Z"})
    assert httpx.get(health).json()["now"].startswith("2026-03-05T09:00:00")
    later = {"X-Leadwright-Now": "2026-03-06T10:00:00+01:00"}
    assert httpx.get(health, headers=later).json()["now"].startswith("2026-03-06T09:00:00")
    earlier = {"X-Leadwright-Now": begun}
    assert httpx.get(health, headers=earlier).json()["now"].startswith("2026-03-06T09:00:00")
    assert httpx.get(health, headers={"X-Leadwright-Now": "soon"}).status_code == 400


def test_orders_by_hand(site: Open) -> None:
    """The owner writes, somebody answers, something breaks: all by POST, wrong ones refused."""
    at = site()
    base = f"{at.url}/practice"
    wrote = httpx.post(f"{base}/owner-send", json={"lead_id": ADA, "body": "By hand."})
    assert wrote.status_code == 200
    thread = wrote.json()["thread_id"]
    assert httpx.post(f"{base}/answer", json={"lead_id": ADA, "what": "own-words"}).is_success
    assert httpx.post(f"{base}/owner-send", json={"thread_id": thread, "body": "Yes."}).is_success
    assert httpx.post(f"{base}/fault", json={"kind": "429", "on": "inbox"}).is_success
    assert httpx.get(f"{at.url}/sales/inbox/").status_code == 429
    truth = httpx.get(f"{base}/truth").json()
    assert [each["kind"] for each in truth["deliveries"]][-2:] == ["inmail", "message"]
    assert [each["what"] for each in truth["answers"]] == ["own-words"]
    assert truth["halt"] == "429"
    for order, wrong in (
        ("clock", {"now": "2026-03-05"}),
        ("answer", {"lead_id": BASIL, "what": "own-words"}),
        ("fault", {"kind": "rain"}),
        ("owner-send", {"lead_id": "ACwAAnobody", "body": "Hi"}),
    ):
        assert httpx.post(f"{base}/{order}", json=wrong).status_code == 400, order


def test_assets_are_kept_by_the_browser(site: Open) -> None:
    """The script's name changes with its content, so it may be kept for good."""
    at = site()
    shell = httpx.get(f"{at.url}/sales/home").text
    script = shell.partition('<script src="')[2].partition('"')[0]
    assert "immutable" in httpx.get(at.url + script).headers["cache-control"]


def test_two_sites_stand_side_by_side(site: Open) -> None:
    """Each has its own port and its own truth."""
    first, second = site(), site()
    assert first.url != second.url
    first.ask(lambda world: world.send_inmail(ADA, "Hello", "Hi", by=By.OWNER))
    assert len(first.truth().deliveries) == len(second.truth().deliveries) + 1
