"""Audiences page by page: each once, on from where it stopped, no further than there is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from simulation.rig import CAMPAIGN, Rig, scenario

from bot.audience import address_of
from bot.errors import NotLoaded, WorkFailed
from bot.facts import ResultsFacts
from bot.importing import CUT, import_pages, next_page
from bot.model import Changes
from bot.ports import Seen
from bot.practice.faults import Moment

OWN = CAMPAIGN.audience
OTHER = "/sales/search/people?savedSearchId=2"
SECOND_SEARCH = '[[searches]]\nid = "2"\nname = "More"\norder = "file"'
SEVENTY = "\n".join(f"P{number} credit" for number in range(70))  # three pages


class Pages:
    """Lets a rig's site show its pages otherwise, and notes which were loaded."""

    def __init__(self, rig: Rig, show: Callable[[int], int] = lambda page: page) -> None:
        self.loaded: list[int] = []
        self.always_more = False
        self.fails_at: int | None = None
        self._inner, self._show = rig.site.read_results, show
        rig.site.read_results = self.read  # type: ignore[method-assign]

    def read(self, audience: str, page: int) -> Seen[ResultsFacts]:
        self.loaded.append(page)
        if page == self.fails_at:
            raise NotLoaded("results", "item", "19 cards stay empty")
        seen = self._inner(audience, self._show(page))
        more = seen.facts.next_page or self.always_more
        return replace(seen, facts=replace(seen.facts, next_page=more))


def leads(rig: Rig) -> int:
    return len(list(rig.store.enrolments()))


def test_an_import_that_was_stopped_goes_on_at_its_page() -> None:
    """The error names the page; the next import begins there, and each page is loaded once."""
    rig = Rig(scenario(SEVENTY))
    pages = Pages(rig)
    with pytest.raises(WorkFailed, match="goes on at page 2"):
        import_pages(rig.work, "founders", OWN, stopped=lambda: True)
    found = import_pages(rig.work, "founders", OWN)
    assert pages.loaded == [1, 2, 3]
    assert (found.new, found.known, found.pages, leads(rig)) == (45, 0, 2, 70)


@pytest.mark.parametrize("source", [OWN, OTHER])
def test_a_page_that_does_not_load_costs_no_other_page(source: str) -> None:
    """What was read is kept and not read again, whichever search it is; never a shorter list."""
    rig = Rig(scenario(SEVENTY, more=SECOND_SEARCH))
    people = rig.world.scenario.searches[0].lead_ids
    other = replace(rig.world.scenario.searches[1], lead_ids=people)
    rig.world.scenario = replace(
        rig.world.scenario, searches=(rig.world.scenario.searches[0], other)
    )
    pages = Pages(rig)
    pages.fails_at = 3
    with pytest.raises(NotLoaded):
        import_pages(rig.work, "founders", source)
    assert next_page(rig.store.campaign("founders"), CAMPAIGN, source) == 3
    pages.fails_at = None
    assert import_pages(rig.work, "founders", f"https://x.example{source}&page=1").new == 20
    assert (pages.loaded, leads(rig)) == ([1, 2, 3, 3], 70)
    again = import_pages(rig.work, "founders", source)
    assert (again.new, again.known) == (0, 70), "from its beginning, once it was whole"


def test_one_search_does_not_move_the_place_of_another() -> None:
    """The campaign's own audience goes on where it was, whatever is imported beside it."""
    rig = Rig(scenario(SEVENTY, more=SECOND_SEARCH))
    with pytest.raises(WorkFailed):
        import_pages(rig.work, "founders", OWN, stopped=lambda: True)
    import_pages(rig.work, "founders", OTHER)
    state = rig.store.campaign("founders")
    assert (state.cursor, state.begun, next_page(state, CAMPAIGN, OWN)) == (2, (), 2)


def test_a_page_that_is_shown_again_ends_the_import() -> None:
    """The site that shows page 2 for page 3 is asked once more; then the owner is told."""
    rig = Rig(scenario(SEVENTY))
    pages = Pages(rig, lambda page: min(page, 2))
    pages.always_more = True
    found = import_pages(rig.work, "founders", OWN)
    assert (pages.loaded, found.new, found.known) == ([1, 2, 3, 3], 50, 0)
    assert "page 3 shows the same people as page 2" in found.note
    assert rig.store.campaign("founders").import_note == found.note


def test_the_agents_own_import_ends_there_too() -> None:
    """It goes on with what it has, says why, and loads that page no more."""
    rig = Rig(scenario(SEVENTY))
    pages = Pages(rig, lambda page: min(page, 2))
    pages.always_more = True
    rig.run(days=1)
    assert pages.loaded == [1, 2, 3, 3]
    told = [done.why for done in rig.done if done.action == "import"]
    assert "the import ends there" in told[-1]
    assert len(rig.sent()) > 0


@pytest.mark.parametrize("agent", [True, False])
def test_a_search_is_cut_at_a_hundred_pages(agent: bool) -> None:
    """2,600 people: 2,500 are imported, page 101 is not asked for, and the owner is told."""
    rig = Rig(scenario("\n".join(f"P{number} credit" for number in range(2_600))))
    pages = Pages(rig)
    pages.always_more = True
    if agent:
        rig.run(days=1)
    else:
        assert import_pages(rig.work, "founders", OWN).note == CUT
    assert pages.loaded == list(range(1, 101))
    assert leads(rig) == 2_500
    assert rig.store.campaign("founders").import_note == CUT
    assert rig.truth.views[Moment.RESULTS] == 100


def test_what_is_known_of_an_older_import_is_forgotten() -> None:
    """A later import that comes to its end leaves no note behind."""
    rig = Rig(scenario(SEVENTY))
    state = replace(rig.store.campaign("founders"), import_note="something")
    rig.store.commit(Changes(campaigns=(state,)))
    import_pages(rig.work, "founders", OWN)
    assert rig.store.campaign("founders").import_note == ""


def test_an_address_is_the_same_on_any_page() -> None:
    """Host and page do not tell two searches apart; the query does."""
    assert address_of(f"https://x.example{OWN}&page=7") == address_of(OWN)
    assert address_of(OWN) != address_of(OTHER)
