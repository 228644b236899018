"""A campaign that is being made: read over as its file would be, and created."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from bot import orders
from bot.asking import ask
from bot.audience import Refused, kind_of, read_csv
from bot.campaignfile import Draft, text_of
from bot.campaigns import NAME, read_campaigns, read_text
from bot.clock import Clock
from bot.errors import Fault, LeadwrightError, UsageError, WorkFailed
from bot.model import CampaignState, Lead
from bot.newfile import write_new
from bot.policy import Campaign
from bot.seat import Seat

MOST_BYTES_LOOKED_AT = 1_000_000  # of a CSV file, while somebody types


@dataclass(frozen=True, slots=True)
class Proposal:
    """A campaign as its owner would have it; `people`: the text of a CSV file, as its audience."""

    draft: Draft
    people: str = ""

    @property
    def csv_name(self) -> str:
        """What the file of `people` is called, beside the campaign's own."""
        return f"{self.draft.name if NAME.fullmatch(self.draft.name) else 'people'}.csv"

    @property
    def whole(self) -> Draft:
        """The draft with its audience."""
        return replace(self.draft, audience=self.csv_name) if self.people else self.draft

    @property
    def text(self) -> str:
        """The file that would be written."""
        return text_of(self.whole)


@dataclass(frozen=True, slots=True)
class People:
    """Whom a CSV audience names, as far as it can be read."""

    leads: tuple[Lead, ...] = ()
    refused: tuple[Refused, ...] = ()
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadOver:
    """What the file's own reader makes of a proposal; no campaign if anything is wrong."""

    campaign: Campaign | None
    faults: tuple[Fault, ...]


@contextmanager
def laid_out(seat: Seat, proposal: Proposal) -> Iterator[Path]:
    """The folder in which the campaign's CSV file lies: a passing one for people typed in."""
    if not proposal.people:
        yield seat.paths.campaigns
        return
    with TemporaryDirectory() as folder:
        (Path(folder) / proposal.csv_name).write_bytes(proposal.people.encode())
        yield Path(folder)


def read_over(
    seat: Seat, proposal: Proposal, folder: Path, states: Sequence[CampaignState]
) -> ReadOver:
    """Read the proposal as `leadwright check` would read its file. *folder*: of laid_out()."""
    name, base_url = proposal.draft.name, seat.settings.site.base_url
    others = read_campaigns(seat.paths, seat.policy, base_url, states).campaigns
    taken = [campaign.name for campaign in others]
    path = folder / f"{name if NAME.fullmatch(name) else 'new'}.toml"
    read = read_text(proposal.text, path, seat.policy, base_url, taken)
    faults = list(read.faults)
    if not any(fault.key == "name" for fault in faults):
        faults += _used_name(seat, name, states)
    whole = read.campaigns[0] if read.campaigns and not faults else None
    return ReadOver(whole, tuple(faults))


def _used_name(seat: Seat, name: str, states: Sequence[CampaignState]) -> Iterator[Fault]:
    """What keeps a good name from being a new campaign's: a file, or a history of its own."""
    same = [path.name for path in seat.paths.campaigns.glob("*.toml") if _same(path.stem, name)]
    if same:
        yield Fault(name, "name", name, f"a name of its own: there is a file {same[0]} already")
    elif any(_same(state.name, name) and (state.audience or state.used) for state in states):
        allowed = f"a name of its own: {seat.policy.name} has worked a campaign of this name before"
        yield Fault(name, "name", name, allowed)


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def people_of(proposal: Proposal, folder: Path) -> People:
    """Whom the proposal's CSV file names; nobody where it is none, or too large to be looked at."""
    audience = proposal.whole.audience
    try:
        path = folder / Path(audience).expanduser()
        if kind_of(audience) != "csv" or path.stat().st_size > MOST_BYTES_LOOKED_AT:
            return People()
        found = read_csv(path)
    except (UsageError, ValueError, OSError, RuntimeError):  # it is told when it is read over
        return People()
    return People(found.leads, found.refused, found.columns)


def create(
    seat: Seat,
    proposal: Proposal,
    clock: Clock,
    states: Sequence[CampaignState],
    *,
    paused: bool,
    seconds: float,
) -> None:
    """Write the campaign's files; the seat hears first whether it is paused (S7).

    Raises WorkFailed if a file is there already, or if the seat does not answer within *seconds*:
    then nothing was written.
    """
    name = proposal.draft.name
    was_paused = any(state.name == name and state.paused for state in states)
    if paused != was_paused:
        word = orders.PauseCampaign if paused else orders.ResumeCampaign
        answered = ask(seat, word(name, coming=True), clock, seconds=seconds)
        if answered is None:
            who = seat.policy.name
            raise WorkFailed(
                f"nothing is created yet: {who} has not answered; try again in a minute"
            )
    _write(seat.paths.campaigns, proposal)


def _write(folder: Path, proposal: Proposal) -> None:
    """The table first: a campaign that is seen has its audience."""
    beside = folder / proposal.csv_name
    if proposal.people:
        write_new(beside, proposal.people)
    try:
        write_new(folder / f"{proposal.draft.name}.toml", proposal.text)
    except LeadwrightError:
        if proposal.people:
            beside.unlink()
        raise
