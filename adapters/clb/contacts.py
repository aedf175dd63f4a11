"""Contact persons of a pupil: relatives with or without a name, a number and authority."""

from collections.abc import Iterable, Mapping

from adapters.case import Case
from adapters.clb.message import Contact, Pupil
from adapters.contract import ReadOptions, RelatedKey, Resource, Segment
from adapters.relatives import UNSAID, Relative, relatives
from adapters.resources import filled
from adapters.telling import People, named
from schemas import code_table

NO_NAME = "the source says the name is not known"


def contacts(
    named: Iterable[Contact], case: Case, options: ReadOptions
) -> tuple[tuple[RelatedKey, ...], tuple[Segment, ...]]:
    """An unknown parent with authority is kept: somebody else must not decide alone."""
    return relatives([_relative(one, case) for one in named], case, options)


def _relative(one: Contact, case: Case) -> Relative:
    row = _role(one)
    return Relative(
        role=one.role,
        row=row,
        authority=_authority(one, row, case),
        authority_field=one.authority,
        insz=one.insz,
        name=_name(one, case),
        name_fields=(one.family, one.given),
        fields=one.fields,
    )


def _authority(one: Contact, role: Mapping[str, str] | None, case: Case) -> str:
    field = one.authority
    if field is None or not field.text:
        return UNSAID
    row = code_table("clb-authority").get(field.text)
    if row is None:
        case.unknown_code(field)
        return UNSAID
    # LAW: a foster parent has authority by delegation only, so "J" cannot mean more than that.
    fosters = role is not None and role["relation"] == "foster_parent"
    delegated = fosters and row["authority"] == "exercised"
    return "delegated" if delegated else row["authority"]


def _name(one: Contact, case: Case) -> Resource:
    if one.is_nameless:
        case.ledger.minimised(NO_NAME, one.family)
        return {}
    given = [one.given.text] if one.given and one.given.text else []
    return filled({"family": one.family.text if one.family else None, "given": given})


def people(pupil: Pupil) -> People:
    """Contacts, brothers and sisters by name, to see of whom a text tells."""
    contacts = ((_role(one), (one.family, one.given)) for one in pupil.contacts)
    siblings = ((None, (field,)) for field in pupil.relatives)
    return named([*contacts, *siblings], (pupil.family, pupil.given))


def _role(one: Contact) -> Mapping[str, str] | None:
    return code_table("clb-contact-role").get(one.role.text.lower() if one.role else "")
