"""Looks after the hooks of the pages: which spelling matched, and what no longer does (T8).

Before the first send of a day, and when a page could not be read, pages are looked at for their
hooks alone: opened, read and closed, nothing typed. What one page lacks may be that page's own; a
hook is broken when a second page lacks it too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from bot import log, report
from bot.errors import LayoutChanged, Missing, PageError
from bot.facts import ComposerFacts, ComposerKind, InboxFacts, Kind, ThreadFacts, Unfit
from bot.model import Canary, Changes, Done, Lead, Outcome, Phase, Reason
from bot.ports import Seen
from bot.rules import hooks
from bot.work import Work

_log = log.get("hooks")

TWO_PAGES = 2
TYPED, PRESSED = ("subject", "body"), ("send_button", "close_button")


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look at pages of one sort found.

    pages    page objects that were read
    faults   broken hooks: surely the page was the right one, or a second one lacks them too
    doubts   what one page lacks that may be its own
    read     what was seen of the page that lacks them, or why it could not be read
    unknown  why nothing could be looked at, or only a part; empty otherwise
    form     the thread had its form
    """

    pages: tuple[str, ...] = ()
    faults: tuple[Unfit, ...] = ()
    doubts: tuple[Unfit, ...] = ()
    read: Seen[ComposerFacts] | Seen[ThreadFacts] | Seen[InboxFacts] | PageError | None = None
    unknown: str = ""
    form: bool = True

    @property
    def lacks(self) -> tuple[Unfit, ...]:
        """All that is missing, for sure or not."""
        return (*self.faults, *self.doubts)


def take_note(work: Work) -> None:
    """Keep which spellings matched since this was done last, and warn of one that slid."""
    seen = work.site.hooks_seen()
    if not seen:
        return
    known = {use.name: use for use in work.book.hooks()}
    changed = hooks.noted(known, seen, work.day())
    work.book.commit(Changes(hooks=changed))
    for use in changed:
        if use.slid and not (use.name in known and known[use.name].slid):
            _log.warning(
                "a hook slid to a fallback",
                hook=use.name,
                selector=use.css,
                spelling=use.spelling,
                last_day=use.first_day,
            )


def renew(work: Work) -> None:
    """Keep the mark of the selectors and texts: what others did not find is looked at again."""
    seat = work.book.seat()
    if seat.reading != work.reading:
        work.book.commit(Changes(seat=replace(seat, reading=work.reading)))


def before_sends(work: Work, action: Canary) -> Done:
    """Look at the pages that today's sends need, and stop what a broken hook would spoil (T8)."""
    looks = []
    if action.lead:
        looks.append(look_at_leads(work, first=_lead_of(work, action.inmail)))
    if action.thread:
        looks.append(look_at_threads(work, first=_lead_of(work, action.message)))
    for each in looks:
        settle(work, each)
    day, seat = work.day(), work.book.seat()
    if action.lead:
        seat = replace(seat, lead_checked=day)
    if action.thread:
        seat = replace(seat, thread_checked=day)
    work.book.commit(Changes(seat=seat))
    faults = [fault for each in looks for fault in each.faults]
    if faults:
        why = "; ".join(f"{fault.name}: {fault.why}" for fault in faults)
        return work.done("look", Outcome.HELD, f"broken hooks: {why}", rule="T8")
    read = ", ".join(page for each in looks for page in each.pages)
    unknown = "; ".join(each.unknown for each in looks if each.unknown)
    why = f"the hooks of {read} are as they were" if read else "no hook could be looked at"
    return work.done("look", Outcome.DONE, f"{why}{f' ({unknown})' if unknown else ''}", rule="T8")


def settle(work: Work, looked: Looked) -> None:
    """Commit what a look found: hooks that are broken, and those that are there again."""
    faults, seat = looked.faults, work.book.seat()
    after = hooks.mended(seat, looked.pages, looked.lacks, form=looked.form)
    if faults:
        take_note(work)
        uses = {use.name: use for use in work.book.hooks()}
        after = hooks.broken(after, faults, work.now(), uses, work.selector)
    if after != seat:
        work.book.commit(Changes(seat=after))
    for fault in faults:
        done = work.done("look", Outcome.HELD, f"{fault.name}: {fault.why}", rule="T8")
        if looked.read is not None:
            work.keep(f"hook/{fault.name}", done, looked.read)
        hook = next(hook for hook in after.broken if hook.name == fault.name)
        _log.warning(
            "a hook is broken",
            hook=hook.name,
            page=hook.page,
            selector=hook.selector,
            last_day=hook.last_day,
            why=hook.why,
        )


def changed(work: Work, error: PageError, *, but: str | None = None) -> Reason | None:
    """Whether a page that could not be read is the site's change (T8); None: it is its own.

    Another page of its sort is looked at. The hook is broken if that lacks it too, or if there is
    no other and the page was surely the right one.

    but  the lead or the thread that the error concerns
    """
    if error.page not in hooks.BY_PAGE:
        return None
    fault = Unfit(error.page, error.key, error.reason)
    other = _another(work, error, but)
    if fault.name in {each.name for each in other.lacks}:
        other = replace(
            other, faults=tuple({each.name: each for each in (*other.faults, fault)}.values())
        )
    elif not other.lacks and not other.pages and isinstance(error, LayoutChanged):
        other = Looked(faults=(fault,), read=error)
    settle(work, other)
    names = {each.name for each in other.faults}
    broken = next((hook for hook in work.book.seat().broken if hook.name in names), None)
    return hooks.reason(broken) if broken is not None else None


def stopped_by(work: Work, action: str, error: PageError) -> Done:
    """A page that the whole seat needs cannot be read: what needs it stops, and only that (T8).

    Raises the error again where it says nothing of the page's hooks.
    """
    broken = changed(work, error)
    if broken is None:
        raise error
    done = work.done(action, Outcome.HELD, broken.text, rule=broken.rule)
    return work.keep(action, done, error)


def is_there(work: Work, *pages: str) -> None:
    """These pages were just read: what was broken of them is mended (T8)."""
    settle(work, Looked(pages, form=False))


def _another(work: Work, error: PageError, but: str | None) -> Looked:
    """A look at another page of the sort that could not be read; of some there is only one."""
    if error.page in hooks.LEAD_PAGES:
        return look_at_leads(work, but=but, most=1)
    if error.page in hooks.THREAD_PAGES:
        return look_at_threads(work, but=but, most=1)
    if error.page == "results":
        return Looked(doubts=(Unfit(error.page, error.key, error.reason),), read=error)
    return look_at_inbox(work)


# --- leads and composers ------------------------------------------------------------------------


def look_at_leads(
    work: Work, *, first: Lead | None = None, but: str | None = None, most: int = TWO_PAGES
) -> Looked:
    """Look at a lead's page and its composer, and at another's if these lack something."""
    candidates = _leads(work, first, but)
    return _of_each(
        (_look_at_lead(work, lead) for lead in islice(candidates, most)),
        "no lead is there to look at: import some",
    )


def _of_each(looks: Iterator[Looked], nobody: str) -> Looked:
    """One look that is whole settles it; of two that are not, what they lack together is broken."""
    last, worst = Looked(unknown=nobody), None
    for each in looks:
        last = each
        if not each.lacks and not each.unknown:
            return each
        if each.lacks and worst is None:
            worst = each
        elif each.lacks and worst is not None:
            names = {fault.name for fault in worst.lacks}
            both = [fault for fault in each.lacks if fault.name in names]
            faults = {fault.name: fault for fault in (*worst.faults, *each.faults, *both)}
            return replace(each, faults=tuple(faults.values()), doubts=())
    return worst if worst is not None else last


def _leads(work: Work, first: Lead | None, but: str | None) -> Iterator[Lead]:
    """The one that is to be written to, then others of the queue, then whoever is known."""
    given = {but}
    if first is not None:
        given.add(first.id)
        yield first
    for queued in (True, False):
        for enrolment in work.book.enrolments():
            if (enrolment.phase is Phase.QUEUE) is queued and enrolment.lead_id not in given:
                given.add(enrolment.lead_id)
                lead = work.book.lead(enrolment.lead_id)
                if lead is not None:
                    yield lead


def _look_at_lead(work: Work, lead: Lead) -> Looked:
    """One lead's page, then its composer: opened, read, closed."""
    work.count_lead_page()
    try:
        shown = work.site.open_lead(lead)
    except Missing as error:
        return Looked(unknown=str(error))
    except PageError as error:
        return _unread(error, ())
    if shown.facts.kind in (Kind.PENDING, Kind.UNREACHABLE):
        return Looked(("lead",), unknown=f"the lead is {shown.facts.kind}: it has no composer")
    if not shown.facts.can_message and not shown.facts.has_menu:
        lacks = Unfit("lead", "message_button", "neither it nor the menu is there")
        return Looked(doubts=(lacks,))
    try:
        panel = work.site.open_composer()
    except PageError as error:
        return _unread(error, ("lead",))
    faults, doubts = _that_act(work, panel.facts), tuple(_of_composer(panel.facts))
    work.site.close_composer()
    return Looked(hooks.LEAD_PAGES, faults, doubts, panel)


def _unread(error: PageError, pages: tuple[str, ...]) -> Looked:
    """A page that could not be read; whether it was the right one only a changed layout tells."""
    if error.page not in hooks.BY_PAGE:
        return Looked(pages, unknown=str(error))
    lacks = (Unfit(error.page, error.key, error.reason),)
    if isinstance(error, LayoutChanged):
        return Looked(pages, faults=lacks, read=error)
    return Looked(pages, doubts=lacks, read=error)


def _of_composer(facts: ComposerFacts) -> Iterator[Unfit]:
    """What the panel does not tell that a send must know (K2, K6)."""
    if facts.lead_id is None:
        yield Unfit("composer", "addressee", "the panel does not say whom it writes to")
    if facts.kind is ComposerKind.UNKNOWN:
        yield Unfit("composer", "line", "; ".join(facts.why))


def _that_act(work: Work, facts: ComposerFacts) -> tuple[Unfit, ...]:
    """Fields and buttons that do not match as typing and clicking need them."""
    keys = [*TYPED, *PRESSED]
    if facts.kind is ComposerKind.NONE_LEFT:
        keys = ["close_button"]
    elif facts.kind is ComposerKind.FIRST_DEGREE:
        keys.remove("subject")
    return work.site.unfit("composer", keys)


# --- threads ------------------------------------------------------------------------------------


def look_at_threads(
    work: Work, *, first: Lead | None = None, but: str | None = None, most: int = TWO_PAGES
) -> Looked:
    """Look at the thread that is to be written in, and at another if that lacks something."""
    candidates = _threads(work, first, but)
    looks = (
        _look_at_thread(work, thread_id, written=written)
        for thread_id, written in islice(candidates, most)
    )
    return _of_each(looks, "no thread is there to look at")


def _threads(work: Work, first: Lead | None, but: str | None) -> Iterator[tuple[str, bool]]:
    """The thread that is to be written in, then those that were read before, the newest first."""
    given = {but}
    known = work.book.thread_of(first.id) if first is not None else None
    if known is not None and known.id != but:
        given.add(known.id)
        yield known.id, True
    for thread in reversed(list(work.book.threads())):
        if thread.id not in given and thread.lead_id is not None and thread.read:
            yield thread.id, False


def _look_at_thread(work: Work, thread_id: str, *, written: bool) -> Looked:
    """One thread: read, and its form looked at. *written*: it is to be written in."""
    try:
        seen = work.site.open_thread(thread_id)
    except Missing as error:
        return Looked(unknown=str(error))
    except PageError as error:
        return _unread(error, ())
    faults: tuple[Unfit, ...] = ()
    doubts = list(_of_thread(seen.facts))
    if seen.facts.can_write:
        faults = work.site.unfit("thread", ("form", "body", "send_button"))
    elif written:
        doubts.append(Unfit("thread", "body", "an accepted thread has no form"))
    form = seen.facts.can_write or written
    return Looked(hooks.THREAD_PAGES, faults, tuple(doubts), seen, form=form)


def _of_thread(facts: ThreadFacts) -> Iterator[Unfit]:
    """What the thread does not tell that its reading must know."""
    if facts.lead_id is None:
        yield Unfit("thread", "lead_link", "the thread does not say whose it is")
    if facts.messages and all(message.text is None for message in facts.messages):
        yield Unfit("thread", "content", "no message shows its text")


# --- the other pages, for whoever asks ----------------------------------------------------------


def look_at_inbox(work: Work) -> Looked:
    """Look at the inbox's list."""
    try:
        seen = work.site.read_inbox(lambda _id, _mark: True)
    except PageError as error:
        return _sure(_unread(error, ()))
    known = sum(1 for _ in work.book.threads()) if not seen.facts.threads else 0
    return Looked(("inbox", "balance"), hooks.inbox_faults(seen.facts, known), read=seen)


def look_at_results(work: Work, audience: str, page: int) -> Looked:
    """Look at a page of an audience that is to be imported."""
    try:
        work.site.read_results(audience, page)
    except PageError as error:
        return _sure(_unread(error, ()))
    return Looked(("results",))


def _sure(looked: Looked) -> Looked:
    """There is only one such page: what it lacks, nothing else can have."""
    return replace(looked, faults=looked.lacks, doubts=())


def look_at_all(work: Work) -> Iterator[tuple[str, Looked]]:
    """Look at every sort of page, whatever is due; each with its words for a person."""
    yield "the inbox", look_at_inbox(work)
    yield "a thread", look_at_threads(work)
    yield "a lead and its composer", look_at_leads(work)
    for campaign in work.campaigns:
        state = work.book.campaign(campaign.name)
        new = state.audience != campaign.audience
        if not campaign.audience.lower().endswith(".csv") and (new or state.cursor is not None):
            looked = look_at_results(work, campaign.audience, 1 if new else state.cursor or 1)
            yield f"the audience of {campaign.name}", looked


def examine(work: Work) -> tuple[list[str], bool]:
    """Look at all pages, keep what was found, and tell it; and whether all is as it was."""
    lines, well = [], True
    for what, looked in look_at_all(work):
        settle(work, looked)
        if looked.pages and not looked.lacks:
            lines.append(f"{what}: as it was")
        if looked.unknown:
            lines.append(f"{what}: not looked at, or not whole: {looked.unknown}")
        for doubt in looked.doubts:
            lines.append(f"on one page only: {doubt.name}: {doubt.why}")
            well = False
    take_note(work)
    broken = report.broken_hooks(work.book.seat())
    lines += [f"broken: {report.broken_line(hook)}" for hook in broken]
    lines += [f"warning: {report.slid_line(h)}" for h in report.slid_hooks(work.book.hooks())]
    return lines, well and not broken


def _lead_of(work: Work, enrolment: str | None) -> Lead | None:
    found = work.book.enrolment(enrolment) if enrolment is not None else None
    return work.book.lead(found.lead_id) if found is not None else None
