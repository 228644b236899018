"""CSV audiences, addresses of searches and lists, and harmless exports."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.audience import Audience, LeadRef, kind_of, page_url, parse_lead, read_columns
from bot.audience import read_csv as read
from bot.errors import UsageError
from bot.model import Lead
from bot.plain import defuse
from bot.table import read_sheet

ID = "ACwAAB-1_x"
URL = f"https://www.linkedin.com/sales/lead/{ID},NAME_SEARCH,aB3d"


def from_text(folder: Path, text: str, encoding: str = "utf-8") -> Audience:
    path = folder / "people.csv"
    path.write_bytes(text.encode(encoding))
    return read(path)


def test_an_address_without_a_token_takes_no_other_column(tmp_path: Path) -> None:
    """S5: the commas of an address are known by its NAME_SEARCH; names are not part of it."""
    head = "lead,first name,last name,company\n"
    bare = from_text(tmp_path, f"{head}https://www.linkedin.com/sales/lead/{ID},Ann,Lee,Acme\n")
    loose = from_text(tmp_path, f"{head}{URL},Ann,Lee,Acme\n")
    for found in (bare, loose):
        lead = found.leads[0]
        assert (lead.id, lead.first_name, lead.last_name, lead.company) == (
            ID,
            "Ann",
            "Lee",
            "Acme",
        )


# --- who a lead is ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "ref"),
    [
        (URL, LeadRef(ID, "aB3d")),
        (f"/sales/lead/{ID}", LeadRef(ID)),
        (f"/sales/lead/{ID},undefined,undefined", LeadRef(ID)),
        (f"https://x/sales/lead/{ID}%2CNAME_SEARCH%2CaB3d?_ntb=z%3D%3D", LeadRef(ID, "aB3d")),
        (f"/sales/people/{ID},aB3d,NAME_SEARCH", LeadRef(ID, "aB3d")),
        (f"/sales/people/{ID},name", LeadRef(ID)),
        (f"urn:li:fs_salesProfile:({ID},NAME_SEARCH,aB3d)", LeadRef(ID, "aB3d")),
        (f" {ID} ", LeadRef(ID)),
        ("ACoAAB1", LeadRef("ACoAAB1")),
        ("https://www.linkedin.com/in/ada-example", None),
        ("https://www.linkedin.com/sales/lead/", None),
        ("Ada Example", None),
        ("acwaab1", None),
        ("", None),
    ],
)
def test_a_lead_is_known_by_its_id_alone(text: str, ref: LeadRef | None) -> None:
    """K6: every spelling of the address; the token belongs to a search, and a name is nobody."""
    assert parse_lead(text) == ref


# --- reading CSV --------------------------------------------------------------------------------


def test_columns_are_known_by_their_headers(tmp_path: Path) -> None:
    """S5: the usual names fill the lead, and every other column is a variable."""
    text = (
        "First Name,Last Name,Company,Job Title,Location,Lead,Favourite Town,2nd,if\n"
        f'Ada,Example,"Acme, Inc.",CEO,Paris,{ID},  New\u00a0 York ,x,y\n'
    )
    extra = (
        ("job_title", "CEO"),
        ("lead", ID),
        ("favourite_town", "New York"),
        ("column_2nd", "x"),
        ("if_", "y"),
    )
    lead = Lead(ID, "Ada Example", "Ada", "Example", "Acme, Inc.", "CEO", "Paris", "", extra)
    found = from_text(tmp_path, text)
    assert found == Audience((lead,), (), tuple(name for name, _ in extra))
    assert read_columns(tmp_path / "people.csv") == found.columns


@pytest.mark.parametrize(
    ("header", "delimiter"),
    [
        ("Vorname;Nachname;Firma;Position;Ort;Profil-Link", ";"),
        ("Prénom\tNom\tEntreprise\tFonction\tVille\tURL du profil", "\t"),
        ("Nombre|Apellidos|Empresa|Cargo|Ubicación|URL de perfil", "|"),
        ("firstName,lastName,companyName,title,location,profileUrl", ","),
        ("FIRST_NAME,LAST_NAME,COMPANY,TITLE,LOCATION,LinkedIn Sales Navigator URL", ","),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_encoding_delimiter_and_language_are_found_out(
    tmp_path: Path, header: str, delimiter: str, encoding: str
) -> None:
    """S5: spreadsheets of four languages, in whatever way they were saved."""
    row = delimiter.join(["Zoë", "Müller", "Café Größe", "Geschäftsführerin", "Köln", ID])
    (lead,) = from_text(tmp_path, f"{header}\r\n{row}\r\n", encoding).leads
    assert (lead.id, lead.first_name, lead.last_name) == (ID, "Zoë", "Müller")
    assert (lead.company, lead.title, lead.location) == ("Café Größe", "Geschäftsführerin", "Köln")


def test_a_spreadsheets_own_note_of_its_delimiter_is_read(tmp_path: Path) -> None:
    """The first line "sep=;" is no header."""
    assert from_text(tmp_path, f"sep=;\nName;Id;Lead\nAda Example;7;{ID}\n").leads[0].id == ID


def test_a_row_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    """T6: with the line where it begins and the reason; blank rows are no rows."""
    text = f"""Name,Sales Navigator URL,LinkedIn URL
Ada Example,{URL},https://www.linkedin.com/in/ada
Bo Example,,https://www.linkedin.com/in/bo

Cy Example,,
Ada Again,{ID},
Di Example,{ID}Z,,,surplus
Ed Example,{ID}E,{ID}F
Flo "the Example,{ID}G,
"Gus Example,{ID}H,
Hal Example,{ID}I,
"""
    found = from_text(tmp_path, text)
    assert [lead.name for lead in found.leads] == ["Ada Example", 'Flo "the Example']
    assert {row.file for row in found.refused} == {str(tmp_path / "people.csv")}
    assert [(row.line, row.reason.split(";")[0].split(",")[0]) for row in found.refused] == [
        (3, "a public profile address only"),
        (5, "no Sales Navigator address or id of a lead (/sales/lead/…)"),
        (6, "the same lead stands in an earlier row"),
        (7, "it has 5 cells"),
        (8, "two different leads in one row"),
        (10, "a quote is opened and not closed"),
    ]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ('{id}A,"a note\nof two lines"\n{id}B,"open\n{id}C,x\n', [(4, "lines 4 to 5")]),
        ('{id}A,"open\n{id}B,"x"\n{id}C,x\n', [(2, "lines 2 to 3")]),
        ('{id}A,"open\n{id}B,x"\n{id}C,x\n', [(2, "is a quote not closed?")]),
        ('{id}A,"two lines\nof {id}A"\n{id}B,x,y\n', [(4, "it has 3 cells")]),
    ],
)
def test_no_line_is_lost_to_a_quote_in_silence(
    tmp_path: Path, rows: str, told: list[tuple[int, str]]
) -> None:
    """T6: what an open quote ate is told with its lines, and nobody in it is taken in."""
    found = from_text(tmp_path, "Lead,Note\n" + rows.format(id=ID))
    assert [row.line for row in found.refused] == [line for line, _ in told]
    assert all(why in row.reason for row, (_, why) in zip(found.refused, told, strict=True))
    lines = rows.count("\n")
    assert 0 < len(found.leads) < lines


def test_lines_are_counted_as_the_file_has_them(tmp_path: Path) -> None:
    """The first line "sep=;" is one, and the message leads to the right place in any editor."""
    found = from_text(tmp_path, f"sep=;\nLead;Note\n{ID};x\nnobody;x\n")
    assert [row.line for row in found.refused] == [4]


@pytest.mark.parametrize("header", ["id,name", "ID"])
def test_an_empty_list_is_a_list(tmp_path: Path, header: str) -> None:
    """A file of `leads export` without a lead has the column "id", and nothing else to go by."""
    assert from_text(tmp_path, f"{header}\n").leads == ()


@pytest.mark.parametrize("address", [URL, f'"{URL}"', f"/sales/people/{ID},aB3d,NAME_SEARCH"])
def test_the_commas_of_an_address_need_no_quotes(tmp_path: Path, address: str) -> None:
    """K6: a lead's address is read whole, however the table was made."""
    (lead,) = from_text(tmp_path, f"Name,Lead,Town\nAda Example,{address},Paris\n").leads
    assert (lead.id, lead.token) == (ID, "aB3d")
    assert dict(lead.extra)["town"] == "Paris"


@pytest.mark.parametrize("nothing", ["N/A", "null", "-", "#REF!", "  "])
def test_what_tools_write_for_nothing_is_nothing(tmp_path: Path, nothing: str) -> None:
    """S5: nobody is addressed as "null"."""
    (lead,) = from_text(tmp_path, f"Lead,First name,Town\n{ID},{nothing},{nothing}\n").leads
    assert lead == Lead(ID, "", extra=(("lead", ID), ("town", "")))


def test_a_formula_is_just_text(tmp_path: Path) -> None:
    """S5: cells are data."""
    (lead,) = from_text(tmp_path, f"Lead,Company\n{ID},=1+1\n").leads
    assert lead.company == "=1+1"


def test_a_lead_is_found_where_no_header_says_so(tmp_path: Path) -> None:
    """An address of a lead is one under any header."""
    assert from_text(tmp_path, f"Who,Where\nAda,{URL}\n").leads[0].id == ID


@pytest.mark.parametrize(
    "content",
    [b"", b"\n\n", b"Name,Town\nAda,Paris\n", b'"Name,Lead\n', b"Lead\n\xff\xfe\x81\x8d\x00"],
)
def test_a_file_without_leads_is_refused(tmp_path: Path, content: bytes) -> None:
    """Exit 2: what was found, and what is needed."""
    path = tmp_path / "people.csv"
    path.write_bytes(content)
    with pytest.raises(UsageError) as caught:
        read(path)
    assert caught.value.faults[0].place == str(path)


def test_a_first_row_that_names_a_lead_is_no_header(tmp_path: Path) -> None:
    """Nobody is lost in silence: the message says that a header is needed, and in which line."""
    with pytest.raises(UsageError, match="no header") as caught:
        from_text(tmp_path, f"Ada,{URL}\nBo,{URL.replace(ID, 'ACwAAB-2_x')}\n")
    assert (caught.value.faults[0].line, ID in caught.value.faults[0].found) == (1, True)


def test_a_list_of_two_encodings_is_refused(tmp_path: Path) -> None:
    """K5: read as one of them, the names of the other would be somebody else's."""
    path = tmp_path / "people.csv"
    rows = f"Name,Lead\nJörg Müller-Größ,{URL}\n".encode(), f"André,{URL}\n".encode("cp1252")
    path.write_bytes(b"".join(rows))
    with pytest.raises(UsageError) as caught:
        read(path)
    fault = caught.value.faults[0]
    assert (fault.line, fault.allowed) == (3, "save the whole file as UTF-8")


def test_a_file_without_an_end_is_refused() -> None:
    """No more is read of a file than it may have."""
    with pytest.raises(UsageError) as caught:
        read(Path("/dev/zero"))
    assert caught.value.faults[0].found == "a huge file"


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """The message names the path."""
    with pytest.raises(UsageError, match=r"nobody\.csv"):
        read(tmp_path / "nobody.csv")


CELLS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20).map(str.strip)


@given(st.lists(st.tuples(CELLS, CELLS), max_size=6), st.sampled_from(",;\t|"))
def test_what_a_csv_writer_wrote_is_read_back(rows: list[tuple[str, str]], mark: str) -> None:
    """S5: no cell is lost or changed, whatever stands in it."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=mark)
    writer.writerow(["Lead", "Company"])
    writer.writerows((f"ACwAA{number}", f"x {a}{b}") for number, (a, b) in enumerate(rows))
    with TemporaryDirectory() as folder:
        path = Path(folder, "people.csv")
        path.write_bytes(out.getvalue().encode())
        sheet = read_sheet(path, frozenset(["lead"]))
    assert [row.cells[1] for row in sheet.rows] == [f"x {a}{b}".strip() for a, b in rows]


# --- kinds and addresses ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("audience", "kind"),
    [
        ("people.csv", "csv"),
        ("/data/People.CSV", "csv"),
        ("/sales/search/people?savedSearchId=1", "search"),
        ("https://www.linkedin.com/sales/search/people?query=(a:List(b))", "search"),
        ("/sales/lists/people/12?sortCriteria=x", "list"),
    ],
)
def test_an_audience_has_a_kind(audience: str, kind: str) -> None:
    """A CSV file, a search or a list, as a path or a whole address."""
    assert kind_of(audience) == kind


@pytest.mark.parametrize(
    "audience", ["", "/sales/home", "/sales/lists/people", "people.xlsx", "https://x/people.csv"]
)
def test_anything_else_is_no_audience(audience: str) -> None:
    """The message says what is."""
    with pytest.raises(ValueError, match=r"\.csv"):
        kind_of(audience)


@pytest.mark.parametrize(
    ("audience", "page", "url"),
    [
        ("/sales/search/people?savedSearchId=1", 2, "/sales/search/people?savedSearchId=1&page=2"),
        (
            "https://x/sales/search/people?query=(a%3AList(b))&page=9&sessionId=s#top",
            1,
            "/sales/search/people?query=(a%3AList(b))&sessionId=s&page=1",
        ),
        ("/sales/lists/people/12", 3, "/sales/lists/people/12?page=3"),
    ],
)
def test_a_page_has_an_address(audience: str, page: int, url: str) -> None:
    """The search's own query stays as it is written, and the site is the configured one."""
    assert page_url("http://127.0.0.1:1/", audience, page) == f"http://127.0.0.1:1{url}"


# --- export -------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\r=1", "＝1"])
def test_a_cell_that_looks_like_a_formula_is_defused(cell: str) -> None:
    """A14: what a recipient wrote is text in the owner's spreadsheet too."""
    assert defuse(cell) == f"'{cell}"


@given(st.text())
def test_a_defused_cell_never_begins_a_formula(cell: str) -> None:
    """A14: and what needs no defusing stays as it is."""
    safe = defuse(cell)
    assert not safe.lstrip().startswith(("=", "+", "-", "@"))
    assert safe in (cell, f"'{cell}")
