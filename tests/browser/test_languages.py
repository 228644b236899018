"""The same walk on German and Spanish pages, and with Message in the overflow menu only."""

from __future__ import annotations

import pytest
from browser.worlds import ADA, BASIL, TWO_PEOPLE, OpenSite
from cli.user import User

from bot.practice.records import By

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize("language", ["de", "es"])
def test_the_walk_in_another_language(user: User, practice: OpenSite, language: str) -> None:
    """A credit line in known words is enough to write to Ada; unknown words hold Basil (K3)."""
    site = practice(top=f'language = "{language}"')
    user.settle_in(site.url)
    said = user.stint()
    assert said.code == 0, said.err
    reached = [each.lead_id for each in site.truth().deliveries if each.by is By.PAGE]
    assert reached[:1] == [ADA]
    outcomes = {line["lead_id"]: (line["outcome"], line["rule"]) for line in said.lines}
    # No Spanish words for a free InMail are known (site.md, 4): sent or held, never guessed.
    assert (BASIL in reached) == (outcomes[BASIL] == ("sent", "T2"))
    assert BASIL in reached or outcomes[BASIL] == ("held", "K3")


def test_message_may_stand_in_the_overflow_menu_only(user: User, practice: OpenSite) -> None:
    """Without a button on the card the menu's Message opens the same composer."""
    hidden = TWO_PEOPLE.replace("delay_days", "message_in_menu = true\ndelay_days")
    site = practice(people=hidden)
    user.settle_in(site.url)
    assert user.stint().code == 0
    assert [each.lead_id for each in site.truth().deliveries] == [ADA, BASIL]
