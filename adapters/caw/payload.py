"""The intake export of a CAW in its own column names."""

from dataclasses import dataclass

from adapters.contract import ReadOptions, Unreadable
from adapters.reading.csv_table import Row, Table
from adapters.reading.node import Field

COLUMNS = (
    "clientnr",
    "systeemnr",
    "actie",
    "fase",
    "aanmelddatum",
    "onthaaldatum",
    "naam",
    "voornaam",
    "rrn",
    "rrn_toestemming",
    "geb_datum",
    "geslacht",
    "nationaliteit",
    "postcode",
    "gemeente",
    "aanmelder",
    "leefgebieden",
    "hulpvraag",
    "inkomen_maand",
    "opmerkingen",
)
_YES = "J"
_ANONYMOUS_CHANNEL = "JAC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """One row: one person, tied to a household by a number we do not keep."""

    line: int
    fields: tuple[Field, ...]
    number: Field | None
    household: Field | None
    action: Field | None
    phase: Field | None
    applied: Field | None
    received: Field | None
    family: Field | None
    given: Field | None
    insz: Field | None
    insz_permission: Field | None
    born: Field | None
    gender: Field | None
    domains: Field | None
    referrer: Field | None
    income: Field | None
    free_text: tuple[Field | None, ...]
    background: tuple[Field | None, ...]

    @property
    def may_use_insz(self) -> bool:
        """Only a plain yes allows it."""
        return bool(self.insz_permission) and _text(self.insz_permission) == _YES

    @property
    def is_anonymous(self) -> bool:
        """A contact of the youth desk that gave no birth date, or a nickname in brackets."""
        by_channel = _text(self.referrer).upper() == _ANONYMOUS_CHANNEL and not _text(self.born)
        return by_channel or _text(self.family).startswith("(")


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """All rows, the unusable ones with their fault."""

    rows: tuple[Row, ...]


def is_intake(table: Table) -> bool:
    """Whether the header holds the column that only this export has."""
    return "rrn_toestemming" in table.header


def read(table: Table, _: ReadOptions) -> Intake | Unreadable:
    """Rows to payload, under a header with every agreed column."""
    return table.lacks(frozenset(COLUMNS)) or Intake(rows=table.rows)


def client(row: Row) -> Client:
    """A row without a fault as a client."""
    cell = row.field
    return Client(
        line=row.line,
        fields=row.fields,
        number=cell("clientnr"),
        household=cell("systeemnr"),
        action=cell("actie"),
        phase=cell("fase"),
        applied=cell("aanmelddatum"),
        received=cell("onthaaldatum"),
        family=cell("naam"),
        given=cell("voornaam"),
        insz=cell("rrn"),
        insz_permission=cell("rrn_toestemming"),
        born=cell("geb_datum"),
        gender=cell("geslacht"),
        domains=cell("leefgebieden"),
        referrer=cell("aanmelder"),
        income=cell("inkomen_maand"),
        free_text=(cell("hulpvraag"), cell("opmerkingen")),
        background=(cell("nationaliteit"), cell("postcode"), cell("gemeente")),
    )


def _text(field: Field | None) -> str:
    return field.text if field else ""
