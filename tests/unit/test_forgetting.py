"""K5, C10: a person who is forgotten leaves figures behind, and a hash that keeps others off."""

from __future__ import annotations

import gzip
import json
import sqlite3
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from simulation.rig import Rig, scenario

from bot import orders, pulse
from bot.contacts import FILE, load_do_not_contact
from bot.decided import Decision
from bot.disclosing import disclose
from bot.errors import WorkFailed
from bot.facts import Snapshot
from bot.forgetting import forget
from bot.model import Changes, Lead
from bot.places import SeatPaths
from bot.practice.people import What
from bot.pulse import Pulse
from bot.rules.replies import mark_of
from bot.store.evidence import Evidence
from bot.store.store import Store

ADA, BOB = "ACwAAAda", "ACwAABob"
ANSWERS = 'answer = ["accept-default"]\ndelay_days = [1, 1]'


@pytest.fixture
def lived(tmp_path: Path) -> tuple[SeatPaths, Rig]:
    """A seat that wrote to Ada and Bob, who accepted; with pages, a log, an answered order."""
    paths = SeatPaths(tmp_path, "alice")
    paths.logs.mkdir(parents=True)
    rig = Rig(scenario("Ada credit accept-default\nBob credit accept-default"), path=paths.state)
    rig.run(days=9)
    evidence = Evidence(paths.evidence)
    for who in ("Ada", "Bob"):
        told = Decision(f"founders/ACwAA{who}#0.1@1", rig.clock.now(), "inmail", "sent", "")
        evidence.keep(told, Snapshot(f"<p>{who} Invented</p>"))
    inbox = Decision("inbox@1", rig.clock.now(), "read-inbox", "done", "")
    evidence.keep(inbox, Snapshot("<p>ADA INVENTED</p><p>Bob Invented</p>"))
    (paths.logs / "leadwright.log").write_text(f'{{"lead_id":"{ADA}"}}\n{{"lead_id":"{BOB}"}}\n')
    ticket = orders.leave(paths.folder, orders.Release(ADA))
    orders.done(ticket, orders.Answered(done=True, text=f"{ADA} is released"))
    pulse.write(paths.folder, Pulse(rig.clock.now(), f"inmail of {ADA}"))
    return paths, rig


def everything_under(folder: Path) -> bytes:
    """What a thief would find: every file, compressed pages opened."""
    found = [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]
    opened = [gzip.decompress(each) for each in found if each.startswith(b"\x1f\x8b")]
    return b"".join([*found, *opened]).lower()


def test_nothing_of_them_is_left_in_any_file(lived: tuple[SeatPaths, Rig]) -> None:
    """K5: neither id, name, thread nor text; others keep theirs."""
    paths, rig = lived
    thread = next(t for t in rig.store.threads() if t.lead_id == ADA)
    words = (ADA, "Ada Invented", thread.id, "A question, Ada")
    before = everything_under(paths.home)
    assert all(word.lower().encode() in before for word in words)
    forget(paths, rig.store, ADA)
    rig.store.close()
    after = everything_under(paths.home)
    assert [word for word in words if word.lower().encode() in after] == []
    assert b"a question, bob" in after
    assert BOB.lower().encode() in after
    kept = [each.decision.key for each in Evidence(paths.evidence).decisions()]
    assert kept == [f"founders/{BOB}#0.1@1"]


def test_the_ledger_and_the_funnel_keep_their_figures(lived: tuple[SeatPaths, Rig]) -> None:
    """C10: what was spent on them stays spent, what came back stays back."""
    paths, rig = lived
    store = rig.store
    assert isinstance(store, Store)
    figures = [(e.at, e.kind, e.credits) for e in store.entries()]
    ledger, funnel = store.ledger(), store.funnel("founders")
    told = forget(paths, store, ADA)
    assert [(e.at, e.kind, e.credits) for e in store.entries()] == figures
    assert store.ledger().totals == ledger.totals
    after = store.funnel("founders")
    assert (after.leads, after.credit, after.accepted) == (
        funnel.leads,
        funnel.credit,
        funnel.accepted,
    )
    assert f"founders/{told.aliases[0]}" in {e.key for e in store.enrolments()}


def test_they_are_never_written_to_again_nor_noted_again(lived: tuple[SeatPaths, Rig]) -> None:
    """K5: their follow-ups end, an import leaves them out, their thread is passed over."""
    paths, rig = lived
    forget(paths, rig.store, ADA)
    rig.work = replace(rig.work, contacts=load_do_not_contact(paths.home))
    sent = len(rig.sent("Ada"))
    rig.world.answer(ADA, What.OWN_WORDS)
    rig.store.commit(Changes(campaigns=(replace(rig.store.campaign("founders"), cursor=1),)))
    rig.run(days=20)
    assert len(rig.sent("Ada")) == sent
    assert len(rig.sent("Bob")) > sent
    rig.store.close()
    assert ADA.lower().encode() not in everything_under(paths.home)


def test_who_is_in_doubt_or_unknown_is_not_forgotten(tmp_path: Path) -> None:
    """T3: the doubt must be settled first; nothing is half done."""
    silent = (
        '[[faults]]\nkind = "lost-response"\n[[faults]]\nkind = "lagging-thread"\nminutes = 20000'
    )
    rig = Rig(scenario("Ada credit", more=silent))
    rig.run(days=0.1)
    paths = SeatPaths(tmp_path, "alice")
    with pytest.raises(WorkFailed, match="settle"):
        forget(paths, rig.store, ADA)
    with pytest.raises(WorkFailed, match="no lead"):
        forget(paths, rig.store, "ACwAAnobody")
    assert list(tmp_path.rglob("*")) == []


def test_forgetting_twice_says_that_there_is_nobody(lived: tuple[SeatPaths, Rig]) -> None:
    """A hash is written once."""
    paths, rig = lived
    forget(paths, rig.store, ADA)
    with pytest.raises(WorkFailed, match="no lead"):
        forget(paths, rig.store, ADA)
    assert len((paths.home / FILE).read_text().splitlines()) == 3  # header, person, thread


def test_a_reply_that_waits_is_forgotten_with_them(lived: tuple[SeatPaths, Rig]) -> None:
    """K5: its text is in no file, and it is never sent."""
    paths, rig = lived
    word = "Tuesday at the blue door"
    assert rig.order(orders.Reply(ADA, word, mark_of(rig.enrolment("Ada")))).done
    assert isinstance(rig.store, Store)
    forget(paths, rig.store, ADA)
    assert rig.store.replies() == ()
    rig.store.close()
    assert word.lower().encode() not in everything_under(paths.folder)


def test_all_that_would_be_forgotten_is_told_first(lived: tuple[SeatPaths, Rig]) -> None:
    """Every row, page, log line and order that names them is in the archive, and nobody else's."""
    paths, rig = lived
    assert isinstance(rig.store, Store)
    longer = f"{ADA}lbert"  # somebody else's, which begins with hers
    rig.store.commit(Changes(leads=(Lead(longer, "Adalbert Invented"),)))
    damaged = Decision(f"founders/{ADA}#1.1@2", rig.clock.now(), "message", "sent", "")
    name = Evidence(paths.evidence).keep(damaged, Snapshot("<p>a thread</p>"))
    (paths.evidence / name).write_bytes(b"no page")
    thread = next(t.id for t in rig.store.threads() if t.lead_id == ADA)
    file = paths.home / "ada.zip"
    told = disclose(paths, rig.store, ADA, file, rig.clock.now())
    assert file.stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(file) as archive:
        person = json.loads(archive.read("person.json"))
        pages = [archive.read(name) for name in archive.namelist() if name.startswith("pages/")]
    assert pages == [b"<p>Ada Invented</p>"]
    assert person["log"] == [f'{{"lead_id":"{ADA}"}}']
    assert {"pulse.json"} < {each["file"] for each in person["files"]}
    rows = [each["content"] for each in person["state"]]
    assert told.rows == len(rows)
    assert "Thank you, Ada! When shall we talk?" in json.dumps(rows)
    assert BOB not in json.dumps([person["state"], person["log"]])
    assert longer not in json.dumps(person)
    assert name in {each["page"] for each in person["decisions"]}, "the page is lost, not that"
    with sqlite3.connect(f"file:{paths.state}?mode=ro", uri=True) as state:
        for table in ("leads", "enrolments", "attempts", "entries", "threads"):
            for (text,) in state.execute(f"SELECT doc FROM {table}"):
                theirs = (ADA in text or thread in text) and longer not in text
                assert (json.loads(text) in rows) == theirs, table
    state.close()
    with pytest.raises(WorkFailed, match="is there already"):
        disclose(paths, rig.store, ADA, file, rig.clock.now())
    forget(paths, rig.store, ADA)
    with pytest.raises(WorkFailed, match="no lead"):
        disclose(paths, rig.store, ADA, paths.home / "again.zip", rig.clock.now())
