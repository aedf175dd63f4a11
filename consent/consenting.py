"""Tiers 4 and 5: does a grant carry the segment, and if none does, why; ids K1 to K7 and J1."""

from consent.granting import Case
from consent.model import Consent, Facts
from consent.outline import Outline
from consent.situation import Situation
from consent.standing import covers_class, grant_runs


def consent_counts(request: Outline) -> bool:
    """K7, K1 and K4: the family's grants have a say here."""
    return request.consent_counts


def professional_asks(request: Outline) -> bool:
    """K5 compares a professional with whom a grant elsewhere names."""
    named = request.asker.is_named and request.asker.is_service
    return named and request.granted_elsewhere and request.consent_counts


def names_somebody_else(case: Case) -> bool:
    """K5: the grant names a person: this one elsewhere, or a colleague of this one."""
    asker = case.of.asker
    return any(
        grant.to_person == asker.name or _named_at(grant, case.of.facts) in asker.forms
        for grant in _grants_elsewhere(case)
        if grant.to_person is not None
    )


def _named_at(grant: Consent, facts: Facts) -> str | None:
    if grant.to_person_at is not None:
        return grant.to_person_at
    named = None if grant.to_person is None else facts.actors.get(grant.to_person)
    return None if named is None else named.service


def _grants_elsewhere(case: Case) -> list[Consent]:
    """Grants of right-holders for this class that reach somebody else, when none reaches here."""
    decisions, data_class = case.of.decisions, case.data_class
    reached = any(
        covers_class(grant, data_class)
        for holder in case.right_holders
        for grant in decisions.yes.get(holder, ())
    )
    if reached:
        return []
    return [
        grant
        for grant in decisions.elsewhere
        if grant.by in case.right_holders
        and covers_class(grant, data_class)
        and grant_runs(grant, case.of.now)
    ]


def team_matters(request: Outline) -> bool:
    """K6 looks at a professional, or at a service others merged into with another mission."""
    asker = request.asker
    return (asker.is_named or asker.took_over) and request.consent_counts


def not_on_care_team(case: Case) -> bool:
    """K6: granted to the service, whose care team leaves the asker out; or to what it was."""
    if not case.granting.carried:
        return _granted_to_other_mission(case)
    asker = case.of.asker
    if asker.service is None or asker.name is None or not _left_out(case.of, asker.name):
        return False
    return not all(
        any(grant.to_person == asker.name for grant in stand.grants)
        for stand in case.granting.stands
    )


def _left_out(situation: Situation, name: str) -> bool:
    """Every active relation lists its people, and none lists this one."""
    relations = situation.relations
    return bool(relations) and all(
        relation.actors is not None and name not in relation.actors for relation in relations
    )


def _granted_to_other_mission(case: Case) -> bool:
    lapsed = case.of.asker.lapsed
    return any(
        grant.to_person is None and grant.to is not None and not grant.to.isdisjoint(lapsed)
        for grant in _grants_elsewhere(case)
    )


def text_changed(case: Case) -> bool:
    """K7: the family agreed to a text that has since changed."""
    granting = case.granting
    if granting.carried:
        for stand in granting.stands:
            if stand.text_changed:
                return True
    return False


def asker_unbound(request: Outline) -> bool:
    """K2: the recipient has no professional secrecy, and decides no allowance."""
    return not request.asker.bound and request.purpose != "entitlement" and request.consent_counts


def for_entitlement(request: Outline) -> bool:
    """K2b: the decision on an allowance or budget."""
    return request.purpose == "entitlement" and request.consent_counts


def granted(case: Case) -> bool:
    """K2 and K2b: granted, by all or by one parent for both."""
    return case.granting.carried


def granted_by_all(case: Case) -> bool:
    """K1: every right-holder granted."""
    return case.granting.carried and not case.granting.by_one_parent


def granted_by_one_parent(case: Case) -> bool:
    """K4: one parent granted, and may be taken to speak for both."""
    return case.granting.carried and case.granting.by_one_parent


def something_granted(request: Outline) -> bool:
    """K3 needs a grant that reaches the asker."""
    return request.granted and request.consent_counts


def granted_other_classes(case: Case) -> bool:
    """K3: a right-holder granted this recipient something, and nobody this."""
    if any(case.granted(holder) for holder in case.right_holders):
        return False
    return any(
        not covers_class(grant, case.data_class)
        for holder in case.right_holders
        for grant in case.of.decisions.yes.get(holder, ())
    )


def in_team(request: Outline) -> bool:
    """J1: the asker works in the team whose record this is."""
    return request.in_team
