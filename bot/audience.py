"""A campaign's audience: a CSV file, a people search or a lead list.

Only `<id>` of a Sales Navigator address tells who a lead is (site.md, 1); a name never does.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from keyword import iskeyword
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from bot.errors import Fault, UsageError
from bot.model import Lead
from bot.rules.wording import LEAD_VARIABLES, split_name
from bot.table import Row, Sheet, fold_name, read_sheet

LEAD_ID = r"AC[wo]AA[A-Za-z0-9_-]+"
BARE_ID = re.compile(LEAD_ID)
LEAD_URL = re.compile(rf"/sales/(?:lead|people)/({LEAD_ID})((?:,[^/?#&\s]*)?)")
URN = re.compile(rf"urn:li:fs_salesProfile:\(({LEAD_ID})((?:,[^)]*)?)\)")
# An address holds commas of its own, and many a table has it without quotes.
LOOSE_URL = re.compile(
    rf"(/sales/(?:lead|people)/{LEAD_ID}),(?:(NAME_SEARCH|undefined),([\w-]+)|([\w-]+),(NAME_SEARCH))"
)
PUBLIC_URL = re.compile(r"linkedin\.com/(in|pub)/", re.IGNORECASE)
NO_TOKEN = ("name_search", "undefined", "name", "")
# What other tools write where they know nothing: it must not be sent as if it were a name (S5).
NOTHING = (
    "-",
    "--",
    "n/a",
    "null",
    "nan",
    "none",
    "undefined",
    "#n/a",
    "#ref!",
    "#name?",
    "#value!",
)

# Folded spellings (fold_name) of the columns that are known, in English, German, Spanish, French.
SPELLINGS = {
    "first_name": "firstname givenname forename fname vorname rufname nombre primernombre prenom",
    "last_name": "lastname surname familyname lname nachname familienname apellido apellidos "
    "nomdefamille nom",
    "name": "name fullname leadname contactname personname vollername vollstandigername "
    "nombrecompleto nomcomplet contact",
    "company": "company companyname currentcompany organization organisation employer account "
    "accountname firma firmenname unternehmen arbeitgeber empresa compania entreprise societe",
    "title": "title jobtitle currenttitle position currentposition role headline titel "
    "jobbezeichnung beruf stelle cargo puesto poste fonction intitule",
    "location": "location city region place geography standort ort stadt wohnort ubicacion ciudad "
    "lieu localisation localite ville",
    "lead": "lead leadid leadurl leadlink salesnavigatorid salesnavigatorurl salesnavigatorlink "
    "salesnavurl salesnavlink salesnavid linkedinsalesnavigatorurl linkedinsalesnavurl "
    "salesnavigatorprofileurl salesprofileurl salesurl salesnavigator profileurl profilelink "
    "profile linkedinurl linkedin linkedinprofile linkedinprofileurl linkedinlink url link "
    "profilurl profillink profil linkedinprofil urldelperfil perfil urlperfil urlduprofil "
    "lienprofil",
}
KINDS = "a search (/sales/search/people?…), a lead list (/sales/lists/people/…) or a .csv file"
COLUMN_OF = {spelling: name for name, all_ in SPELLINGS.items() for spelling in all_.split()}
KNOWN = frozenset(COLUMN_OF)


@dataclass(frozen=True, slots=True)
class LeadRef:
    """Who a lead is; `token` belongs to the search that produced the link, and may be empty."""

    id: str
    token: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that was not taken: where it begins, and why."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Audience:
    """What a CSV file holds. `columns` are its other columns, as template variables (S5)."""

    leads: tuple[Lead, ...]
    refused: tuple[Refused, ...]
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Column:
    """What a column is to a lead (a key of SPELLINGS, or ""), and its template variable (or "")."""

    field: str
    variable: str


# --- kinds and addresses --------------------------------------------------------------------------


def kind_of(audience: str) -> Literal["csv", "search", "list"]:
    """What an audience is. Raises ValueError, with what is allowed, for anything else."""
    parts = urlsplit(audience.strip())
    path = unquote(parts.path)
    if path.lower().endswith(".csv") and parts.scheme not in ("http", "https"):
        return "csv"
    if path.rstrip("/") == "/sales/search/people":
        return "search"
    if re.match(r"/sales/lists/people/[^/]+", path):
        return "list"
    raise ValueError(KINDS)


def page_url(base_url: str, audience: str, page: int) -> str:
    """The absolute address of the audience's *page*, from 1 on."""
    parts = urlsplit(audience.strip())
    # The query is kept as it is written: its brackets and commas mean something to the site.
    kept = [pair for pair in parts.query.split("&") if pair and not pair.startswith("page=")]
    return f"{base_url.rstrip('/')}{parts.path}?{'&'.join([*kept, f'page={page}'])}"


def address_of(audience: str) -> str:
    """A search or list without its host and page: what tells whether two addresses are one."""
    return page_url("", audience, 1)


def parse_lead(text: str) -> LeadRef | None:
    """The lead that a cell names: an address of the site, its inner name (URN), or a bare id."""
    plain = unquote(text.strip())
    if BARE_ID.fullmatch(plain):
        return LeadRef(plain)
    found = LEAD_URL.search(plain) or URN.search(plain)
    if found is None:
        return None
    tokens = [part for part in found[2].split(",") if part.casefold() not in NO_TOKEN]
    return LeadRef(found[1], tokens[0] if tokens else "")


# --- CSV ------------------------------------------------------------------------------------------


def read_csv(path: Path) -> Audience:
    """Read the leads of a CSV file; rows that cannot be used are told one by one.

    Raises UsageError if the file cannot be read or has no column that names leads.
    """
    sheet = read_sheet(path, KNOWN, _mended)
    columns = _columns(sheet)
    leads: dict[str, Lead] = {}
    refused: list[Refused] = []
    for row in sheet.rows:
        lead = _lead(row, columns)
        if isinstance(lead, str):
            refused.append(Refused(sheet.place, row.line, lead))
        elif lead.id in leads:
            why = "the same lead stands in an earlier row"
            refused.append(Refused(sheet.place, row.line, why))
        else:
            leads[lead.id] = lead
    return Audience(tuple(leads.values()), tuple(refused), _variables(columns))


def read_columns(path: Path) -> tuple[str, ...]:
    """The template variables that the file's other columns give. Raises UsageError."""
    return _variables(_columns(read_sheet(path, KNOWN, _mended)))


def _mended(text: str) -> str:
    """The text with the commas of lead addresses escaped; parse_lead() reads both."""
    return LOOSE_URL.sub(lambda found: "%2C".join(filter(None, found.groups())), text)


def _columns(sheet: Sheet) -> tuple[_Column, ...]:
    """What each column is. The first that can be the company is it; a second is only a variable."""
    lead = next((header for header in sheet.header if parse_lead(header) is not None), None)
    if lead is not None:
        fault = Fault(
            sheet.place, "header", lead, "needed is a first row that names the columns", 1
        )
        raise UsageError(f"{sheet.place} has no header", (fault,))
    columns: list[_Column] = []
    for header in sheet.header:
        field = COLUMN_OF.get(fold_name(header), "")
        if field != "lead" and any(column.field == field for column in columns):
            field = ""
        taken = [column.variable for column in columns]
        columns.append(_Column(field, _variable(header, field, taken)))
    if any(column.field == "lead" for column in columns) or _finds_leads(sheet):
        return tuple(columns)
    found = ", ".join(header for header in sheet.header if header)
    allowed = "a column with each lead's Sales Navigator address or id, e.g. Sales Navigator URL"
    fault = Fault(sheet.place, "header", found, f"needed is {allowed}", 1)
    raise UsageError(f"{sheet.place} names no leads", (fault,))


def _finds_leads(sheet: Sheet) -> bool:
    """Whether a cell names a lead; without a row the header "id" will do, as `export` writes it."""
    if not sheet.rows:
        return "id" in map(fold_name, sheet.header)
    return any(parse_lead(cell) is not None for row in sheet.rows for cell in row.cells)


def _variable(header: str, field: str, taken: Sequence[str]) -> str:
    """The column's template variable: lower case, underscores; "" if it is the field's own."""
    plain = unicodedata.normalize("NFKD", header.casefold())
    letters = "".join(char for char in plain if not unicodedata.combining(char))
    name = re.sub(r"\W+", "_", letters).strip("_")
    if not name or (name == field and field in LEAD_VARIABLES):
        return ""
    if name[0].isdigit():
        name = f"column_{name}"
    if iskeyword(name) or name in ("true", "false", "none"):
        name = f"{name}_"
    found, number = name, 2
    while found in taken or found in LEAD_VARIABLES:
        found, number = f"{name}_{number}", number + 1
    return found


def _variables(columns: Sequence[_Column]) -> tuple[str, ...]:
    return tuple(column.variable for column in columns if column.variable)


def _lead(row: Row, columns: Sequence[_Column]) -> Lead | str:
    """The row's lead, or why there is none."""
    if row.wrong is not None:
        return row.wrong
    ref = _ref(row, columns)
    if isinstance(ref, str):
        return ref
    if _swallowed(row, ref):
        return "a cell goes on over several lines and names another lead: is a quote not closed?"
    values = [_value(cell) for cell in row.cells]
    pairs = list(zip(columns, values, strict=True))
    cells = {column.field: value for column, value in pairs if column.field}
    name = cells.get("name", "")
    first, last = split_name(name)
    first = cells.get("first_name") or first
    last = cells.get("last_name") or last
    return Lead(
        id=ref.id,
        name=name or f"{first} {last}".strip(),
        first_name=first,
        last_name=last,
        company=cells.get("company", ""),
        title=cells.get("title", ""),
        location=cells.get("location", ""),
        token=ref.token,
        extra=tuple((column.variable, value) for column, value in pairs if column.variable),
    )


def _swallowed(row: Row, ref: LeadRef) -> bool:
    """Whether a cell of several lines holds another lead's id, as a row that an open quote ate."""
    several = [cell for cell in row.cells if "\n" in cell or "\r" in cell]
    return any(found != ref.id for cell in several for found in BARE_ID.findall(cell))


def _ref(row: Row, columns: Sequence[_Column]) -> LeadRef | str:
    """Who the row is about: its lead columns say; without any, a cell that names a lead."""
    names = [column.field == "lead" for column in columns]
    cells = list(compress(row.cells, names)) if any(names) else row.cells
    refs = [ref for cell in cells if (ref := parse_lead(cell)) is not None]
    if len({ref.id for ref in refs}) > 1:
        return "two different leads in one row"
    if refs:
        return max(refs, key=lambda ref: len(ref.token))
    if any(PUBLIC_URL.search(cell) for cell in row.cells):
        return (
            "a public profile address only; the Sales Navigator address is needed (/sales/lead/…)"
        )
    return "no Sales Navigator address or id of a lead (/sales/lead/…)"


def _value(cell: str) -> str:
    plain = " ".join(cell.split())
    return "" if plain.casefold() in NOTHING else plain
