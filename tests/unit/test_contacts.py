"""K5: the do-not-contact list."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.contacts import FILE, KEY_FILE, block, erase, load_do_not_contact
from bot.errors import Fault, UsageError
from bot.model import Lead
from bot.rules.contacts import DoNotContact, fold, fold_company

ADA = Lead("ACwAA1", "Ada Example", company="Acme GmbH")


def load(home: Path, text: str) -> DoNotContact:
    (home / FILE).write_text(text, encoding="utf-8")
    return load_do_not_contact(home)


def faults(home: Path, text: str) -> list[Fault]:
    with pytest.raises(UsageError) as caught:
        load(home, text)
    return list(caught.value.faults)


def test_without_a_list_nobody_is_forbidden(tmp_path: Path) -> None:
    """K5: a home without the file is a home without a list."""
    assert load_do_not_contact(tmp_path).forbids(ADA) is None


@pytest.mark.parametrize(
    "row",
    [
        "ACwAA1,,,,",
        "https://www.linkedin.com/sales/lead/ACwAA1%2CNAME_SEARCH%2Cx,,,,asked by phone",
        ",ada  EXAMPLE,acme,,",
        ",,Acme,,a customer",
        ",,ACME GmbH.,,",
        "ACoAA9,Ada Example,Acme,,her other id",
    ],
)
def test_a_person_is_forbidden_by_id_by_name_or_by_company(tmp_path: Path, row: str) -> None:
    """K5: however the owner wrote it down."""
    reason = load(tmp_path, f"lead,name,company,hash,note\n{row}\n").forbids(ADA)
    assert reason is not None
    assert reason.rule == "K5"
    assert not {"acme", "ada"} & {*fold(reason.text).split()}, "a reason is logged"


@pytest.mark.parametrize(
    "row", ["ACwAA2,,,,", ",Ada Example,Other,,", ",Bo Example,Acme,,", ",,Acme Rockets,,"]
)
def test_nobody_else_is_forbidden(tmp_path: Path, row: str) -> None:
    """K5: another id, another company, another person."""
    assert load(tmp_path, f"lead,name,company,hash,note\n{row}\n").forbids(ADA) is None


def test_columns_may_stand_in_any_order_and_language(tmp_path: Path) -> None:
    """K5: a list from a spreadsheet will do."""
    assert load(tmp_path, "Firma;Name\nAcme;Ada Example\n").forbids(ADA) is not None


def test_an_erased_person_stays_forbidden(tmp_path: Path) -> None:
    """K5: nothing of them is kept but a hash that only this home can make."""
    (tmp_path / FILE).write_text("note;hash;lead\nx;;ACwAA7\n", encoding="utf-8")
    (digest,) = erase(tmp_path, [ADA.id])
    erase(tmp_path, ["ACwAA3"])
    text = (tmp_path / FILE).read_text(encoding="utf-8")
    assert ADA.id not in text
    assert digest in text
    contacts = load_do_not_contact(tmp_path)
    assert contacts.forbids(ADA) is not None
    assert contacts.forbids(Lead("ACwAA7", "")) is not None
    assert contacts.forbids(Lead("ACwAA2", "")) is None
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600
    (tmp_path / KEY_FILE).unlink()
    with pytest.raises(UsageError):
        load_do_not_contact(tmp_path)


def test_the_first_erasure_begins_the_list(tmp_path: Path) -> None:
    """K5: no file is needed before."""
    erase(tmp_path, [ADA.id])
    assert load_do_not_contact(tmp_path).forbids(ADA) is not None


def test_seats_that_change_the_list_at_once_lose_nothing(tmp_path: Path) -> None:
    """K5: what was told as done is in the list, whoever else wrote it meanwhile."""
    ids = [f"ACwAA{number}" for number in range(60)]
    with ThreadPoolExecutor(12) as pool:
        erased = pool.map(lambda each: erase(tmp_path, [each]), ids[:30])
        blocked = pool.map(lambda each: block(tmp_path, lead=each), ids[30:])
        assert len(set(erased)) == 30
        assert all(blocked)
    contacts = load_do_not_contact(tmp_path)
    assert [each for each in ids if contacts.forbids(Lead(each, "")) is None] == []
    assert {path.name for path in tmp_path.iterdir()} == {FILE, KEY_FILE}


def test_a_key_that_a_full_disk_left_empty_is_made_anew(tmp_path: Path) -> None:
    """K5: nobody was hashed with it yet; where somebody was, it is missed."""
    (tmp_path / KEY_FILE).touch()
    erase(tmp_path, [ADA.id])
    assert load_do_not_contact(tmp_path).forbids(ADA) is not None
    (tmp_path / KEY_FILE).write_bytes(b"")
    with pytest.raises(UsageError, match="wrong"):
        erase(tmp_path, ["ACwAA2"])


def test_a_row_that_is_not_understood_is_a_fault(tmp_path: Path) -> None:
    """K5: it might be somebody; every such row is told at once."""
    text = (
        "lead,name,company,hash,note\nhttps://www.linkedin.com/in/ada,,,,\n,Ada Example,,,\n"
        ",,,xyz,\n,,,,only a note\nACwAA1,,,,\n,,,,,,surplus\n"
    )
    found = faults(tmp_path, text)
    assert [fault.line for fault in found] == [2, 3, 4, 5, 7]


def test_a_column_that_is_not_known_is_a_fault(tmp_path: Path) -> None:
    """K5: a slip in the header must not make a list forbid nobody."""
    assert faults(tmp_path, "compnay,name\nAcme,\n")[0].found == "compnay"


def test_a_person_without_a_company_is_not_forbidden_by_an_empty_one(tmp_path: Path) -> None:
    """K5: what is not known matches nothing."""
    contacts = load(tmp_path, "name,company\nAda Example,Acme\n")
    assert contacts.forbids(Lead("ACwAA2", "Ada Example")) is None
    assert contacts.forbids(Lead("ACwAA2", "", company="…")) is None


def test_a_company_that_is_called_like_a_legal_form_is_that_company(tmp_path: Path) -> None:
    """K5: "Limited" forbids Limited, and not everybody whose company is nothing else."""
    contacts = load(tmp_path, "company\nLimited\n")
    assert contacts.forbids(Lead("a", "", company="LIMITED")) is not None
    assert contacts.forbids(Lead("a", "", company="Inc")) is None


@given(st.text())
@example("𝑨")
def test_folding_twice_is_folding_once(text: str) -> None:
    """K5: the list and the lead are folded in the same way, wherever each comes from."""
    assert fold(fold(text)) == fold(text)
    assert fold_company(fold_company(text)) == fold_company(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "lead,name,company,hash,note\nACwAA7,,,,\n",
        "sep=;\nFirma;Name\nOther;Somebody Else",
        'name,company\n"Else, Somebody",Other\n',
    ],
)
def test_a_block_is_one_more_row_of_the_list_as_it_is(tmp_path: Path, text: str) -> None:
    """K5: whatever columns its owner keeps; what was forbidden stays so; twice is once."""
    if text:
        (tmp_path / FILE).write_text(text, encoding="utf-8")
    before = load_do_not_contact(tmp_path)
    assert block(tmp_path, lead=ADA.id, note="asked, twice; never again")
    assert block(tmp_path, name="Bob Example", company="Acme, Inc.")
    assert block(tmp_path, company="Umbrella")
    assert not block(tmp_path, company="umbrella GmbH")
    erase(tmp_path, ["ACwAA3"])
    erase(tmp_path, ["ACwAA3"])
    found = load_do_not_contact(tmp_path)
    assert (before.people | {ADA.id}) == found.people
    assert (before.named | {(fold("Bob Example"), fold_company("Acme"))}) == found.named
    assert found.companies == {"umbrella"}
    assert len(found.hashes) == 1
    assert found.forbids(Lead("ACwAA3", "")) is not None


def test_nobody_is_blocked_by_half(tmp_path: Path) -> None:
    """A name alone may be anybody's; a list that is wrong is not added to."""
    with pytest.raises(UsageError, match="company"):
        block(tmp_path, name="Ada Example")
    (tmp_path / FILE).write_text("lead,what\nACwAA1,x\n", encoding="utf-8")
    with pytest.raises(UsageError):
        block(tmp_path, lead="ACwAA2")
