"""The commands: names, options and exit codes. What they do is imported when it is asked for.

Everything a person reads goes to stdout; `--json` gives one JSON document there and nothing else;
talk goes to stderr.
"""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from bot import crash, lock
from bot.cli.ending import ended
from bot.cli.groups import add_to as add_groups
from bot.cli.inbox_commands import add_to as add_inbox_commands
from bot.cli.late import do as _do
from bot.cli.late import load
from bot.cli.machine_commands import add_to as add_machine_commands
from bot.cli.options import (
    COMPLETES,
    Accept,
    AllSeats,
    AnsweredAs,
    AnyCampaign,
    AnySeat,
    Free,
    Home,
    Json,
    LedgerFormat,
    OwnWords,
    PageKind,
    Pages,
    Reject,
    Seat,
    SeatOption,
    Seats,
    SettledAs,
)
from bot.errors import UsageError

app = typer.Typer(
    name="leadwright",
    help="Runs Acquisition (InMail) campaigns on a Sales Navigator seat.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
add_groups(app)


@app.callback()
def root() -> None:
    """Run Acquisition (InMail) campaigns on a Sales Navigator seat."""


@app.command()
def init(
    folder: Annotated[Path | None, typer.Argument(metavar="DIR", help="Default: the home.")] = None,
    home: Home = None,
) -> None:
    """Write a commented config.toml and an example campaign."""
    _do("setup", "init_command", folder, home)


@app.command()
def login(seat: Seat, home: Home = None) -> None:
    """Open a window on the real site and wait for you to sign in."""
    _do("window", "login", seat, home)


@app.command()
def check(home: Home = None, as_json: Json = False) -> None:
    """Read configuration and campaigns and print every mistake at once."""
    _do("setup", "check_command", home, as_json)


@app.command()
def run(
    seat: Seat,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read and decide; send nothing.")
    ] = False,
    once: Annotated[bool, typer.Option("--once", help="Everything due now, then exit.")] = False,
    at: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="With --once: a simulated clock that starts at TIME."),
    ] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Work the seat in the foreground until stopped."""
    if at is not None and not once:
        raise UsageError("--at goes with --once: only a stint has a simulated clock")
    if once or dry_run:
        options = {"dry_run": dry_run, "stay": not once, "at": at, "as_json": as_json}
        _do("stint", "once", seat, home, **options)
    _do("sleeper", "become", seat, home, as_json)


@app.command()
def up(
    seats: Seats = None,
    home: Home = None,
) -> None:
    """Work all configured seats in the foreground, or those named: one daemon for each."""
    _do("up", "up_command", seats or [], home)


@app.command("install-service")
def install_service(
    seat: AnySeat = None,
    account: Annotated[
        str | None,
        typer.Option("--system", metavar="ACCOUNT", help="For the machine, run as this account."),
    ] = None,
    template: Annotated[
        bool, typer.Option("--template", help="leadwright@.service, which fits every seat.")
    ] = False,
    show: Annotated[bool, typer.Option("--print", help="Print it; write nothing.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace one that is there.")] = False,
    home: Home = None,
) -> None:
    """Write a hardened systemd unit that works the seat: your own manager's, or the machine's."""
    options = {"template": template, "show": show, "force": force}
    _do("service", "install_command", seat, home, account, **options)


@app.command()
def plan(
    seat: Seat,
    days: Annotated[int, typer.Option(min=1, max=90, help="How far to look ahead.")] = 1,
    runs: Annotated[
        int | None, typer.Option(min=0, max=1000, help="Simulated runs; 0: no forecast.")
    ] = None,
    accept: Accept = None,
    reject: Reject = None,
    own_words: OwnWords = None,
    free: Free = None,
    seed: Annotated[int | None, typer.Option(help="Draws other chances; default 1.")] = None,
    campaign: Annotated[
        str | None, typer.Option(help="Forecast it as started, though it is paused or new.")
    ] = None,
    leads: Annotated[
        int | None, typer.Option(min=1, max=10_000, help="Add so many unknown leads to it.")
    ] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Show what would be sent, when, to whom, at what cost, and what holds the rest.

    For more than a day, or with any of these options, also a forecast: the days as they may be,
    simulated many times with answers drawn by the shares that were seen, or stated here.
    """
    shares = {"accept": accept, "reject": reject, "own-words": own_words, "free": free}
    stated = {name: share for name, share in shares.items() if share is not None}
    options = {"runs": runs, "seed": seed, "stated": stated, "campaign": campaign, "leads": leads}
    _do("plan", "plan", seat, home, days, as_json, **options)


@app.command()
def status(
    seat: AllSeats = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Show whether a seat is running, what it does, its credits and today's count."""
    _do("show", "status", seat, home, as_json)


@app.command()
def ledger(
    seat: Seat,
    output: Annotated[LedgerFormat, typer.Option("--format")] = LedgerFormat.TABLE,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Show the credit ledger."""
    _do("show", "ledger", seat, home, LedgerFormat.JSON if as_json else output)


@app.command()
def credits(seat: Seat, home: Home = None, as_json: Json = False) -> None:
    """Show lots and their expiry, the next grant, refunds that are due, and what differs."""
    _do("credits", "credits", seat, home, as_json)


@app.command()
def read(
    kind: PageKind,
    source: Annotated[
        str, typer.Argument(help="A saved page, one kept as evidence, or - for stdin.")
    ],
    owner: Annotated[str | None, typer.Option(help="The seat owner's first name.")] = None,
    url: Annotated[str | None, typer.Option(help="The page's address.")] = None,
    status_code: Annotated[int | None, typer.Option("--status", help="Its HTTP status.")] = None,
    seat: Annotated[
        str | None, typer.Option("--seat", help="Read as this seat does, with its own texts.")
    ] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Parse one saved page and print what was understood."""
    if seat is not None:
        _do("seat_page", "read", seat, home, kind.value, source, owner, url, status_code, as_json)
    _do("saved_page", "read", kind.value, source, owner, url, status_code, as_json)


@app.command()
def evidence(
    seat: Seat,
    decision: Annotated[
        str | None, typer.Argument(help="A decision or an attempt, or how its name begins.")
    ] = None,
    lead: Annotated[str | None, typer.Option("--lead", metavar="ID", help="Of one lead.")] = None,
    html: Annotated[
        Path | None, typer.Option("--html", help="Write its page there, to be looked at.")
    ] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """List the decisions whose pages are kept, or show one and the page behind it."""
    if html is not None and decision is None:
        raise UsageError("--html goes with one decision: name it")
    _do("evidence", "evidence", seat, decision, lead, html, home, as_json)


@app.command()
def record(
    seat: Annotated[
        str | None, typer.Argument(help="The seat's name in config.toml.", show_default=False)
    ] = None,
    into: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A new folder (else in the seat's own).")
    ] = None,
    check_folder: Annotated[
        Path | None,
        typer.Option("--check", metavar="DIR", help="Look for what should not be in a recording."),
    ] = None,
    owner: Annotated[
        str | None, typer.Option(help="With --check: your name, which must not be there.")
    ] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Keep the pages that you click through as fixtures, with all personal data replaced."""
    if check_folder is not None:
        _do("record", "check_command", check_folder, seat, owner, home, as_json)
    if seat is None:
        raise UsageError("record SEAT opens a window; record --check DIR looks through a recording")
    _do("record", "record", seat, into, home)


@app.command()
def teach(
    fixture: Annotated[Path, typer.Argument(help="A case's folder, or an HTML file.")],
    page: Annotated[
        PageKind | None, typer.Option(help="Which page it is, if its folder does not say.")
    ] = None,
    selectors: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Other selector files than the shipped.")
    ] = None,
    seat: Annotated[
        str | None, typer.Option("--seat", help="With this seat's own selectors and texts.")
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Write what was understood, for you to correct.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite what somebody corrected.")
    ] = False,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Show what each selector finds in a saved page, and what is missing."""
    kind = page.value if page is not None else None
    _do("teach", "teach", fixture, kind, selectors, seat, home, write, force, as_json)


@app.command()
def practice(
    scenario: Annotated[
        str, typer.Option(help="A scenario file, or the name of a shipped one.")
    ] = "demo",
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8765,
    pages: Pages = None,
) -> None:
    """Serve the practice site alone."""
    _do("window", "practice", scenario, port, pages)


@app.command()
def demo(
    days: Annotated[int, typer.Option(min=1, max=90, help="Simulated days.")] = 45,
    pages: Pages = None,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Of the desk; 0: one that is free.")
    ] = 0,
    as_json: Json = False,
) -> None:
    """Work a whole campaign on the practice site, in simulated time; watch it on the desk."""
    _do("demo", "demo", days, pages, port, as_json)


@app.command()
def dashboard(
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="In place of the configured one.")
    ] = None,
    link: Annotated[
        bool, typer.Option("--link", help="Print the link of the desk, and end.")
    ] = False,
    home: Home = None,
) -> None:
    """Serve the owner's desk, a page in the browser, to this machine."""
    _do("dashboard", "dashboard", home, port, link_only=link)


@app.command()
def pause(seat: Seat, home: Home = None) -> None:
    """Pause a seat."""
    _do("orders", "pause", seat, home)


@app.command()
def resume(seat: Seat, home: Home = None) -> None:
    """Resume a seat after a pause or a halt: the owner's word."""
    _do("orders", "resume", seat, home)


@app.command()
def release(lead: Annotated[str, typer.Argument()], seat: SeatOption, home: Home = None) -> None:
    """Release a lead that was held."""
    _do("orders", "release", lead, seat, home)


@app.command()
def approve(
    seat: Seat,
    lead: Annotated[str | None, typer.Argument(metavar="[LEAD]")] = None,
    campaign: AnyCampaign = None,
    subject: Annotated[str | None, typer.Option("--subject", help="In its place.")] = None,
    body: Annotated[
        Path | None, typer.Option("--body", metavar="FILE", help="A text in its place; - reads it.")
    ] = None,
    decline: Annotated[
        bool, typer.Option("--decline", help="Send nothing more to this lead.")
    ] = False,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Show the texts that wait for your release; with a lead, release or decline one."""
    _do("approve", "command", seat, lead, home, campaign, subject, body, decline, as_json)


@app.command()
def block(
    who: Annotated[str, typer.Argument(metavar="PERSON_OR_COMPANY")],
    at: Annotated[str, typer.Option("--at", help="The company of a person named by name.")] = "",
    note: Annotated[str, typer.Option("--note", help="Why, for yourself.")] = "",
    home: Home = None,
) -> None:
    """Put a person (id, address, or name and company) or a company on the do-not-contact list."""
    _do("contacts", "block", who, at, note, home)


@app.command()
def forget(lead: Annotated[str, typer.Argument()], seat: SeatOption, home: Home = None) -> None:
    """Erase a person from state, evidence and log; they are never written to again."""
    _do("orders", "forget", lead, seat, home)


@app.command("export-person")
def export_person(
    lead: Annotated[str, typer.Argument()],
    file: Annotated[Path, typer.Argument(help="The archive (zip) that is written.")],
    seat: SeatOption,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Write everything that is kept about a person into one file: state, pages, log."""
    _do("disclose", "export_person", lead, file, seat, home, as_json)


@app.command()
def settle(
    attempt: Annotated[str, typer.Argument()],
    as_: Annotated[SettledAs, typer.Argument(metavar="sent|not-sent")],
    seat: SeatOption,
    home: Home = None,
) -> None:
    """Settle an uncertain attempt that you have looked up."""
    _do("orders", "settle", attempt, as_ is SettledAs.SENT, seat, home)


@app.command()
def default(
    lead: Annotated[str, typer.Argument(help="Whose answer is one of the site's texts.")],
    seat: SeatOption,
    as_: Annotated[
        AnsweredAs | None,
        typer.Option("--as", help="What the text says, if no label of the site does."),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Correct others who sent the same, too.")
    ] = False,
    preview: Annotated[
        bool, typer.Option("--preview", help="Show what would be learnt; change nothing.")
    ] = False,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Mark an answer of the inbox as default: its text is known from then on."""
    label = as_.value if as_ is not None else None
    _do("default", "default", lead, seat, label, every, preview, home, as_json)


@app.command()
def backup(
    seat: Seat,
    file: Annotated[Path, typer.Argument(help="A new file.")],
    home: Home = None,
) -> None:
    """Copy the seat's state into a file; the daemon may go on meanwhile."""
    _do("backup", "backup_command", seat, file, home)


@app.command()
def restore(
    seat: Seat,
    file: Annotated[Path, typer.Argument(help="A file that `backup` made.")],
    home: Home = None,
) -> None:
    """Put a copy in the place of the seat's state, and pause the seat."""
    _do("backup", "restore_command", seat, file, home)


add_inbox_commands(app, _do)
add_machine_commands(app, _do)


def main(argv: list[str] | None = None) -> int:
    """Run one command and return the exit code; an error is one clear line on stderr."""
    if COMPLETES in os.environ:
        load("bot.cli.completing").know_shells()
    gc.disable()  # until the command's modules are there (late.do)
    if lock.FD_VARIABLE in os.environ:
        sys.excepthook = crash.without_words  # a daemon's output is kept by a service manager
    return ended(lambda: app(argv))
