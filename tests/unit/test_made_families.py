"""The families that tests make are nobody else's: else two of a test's children are one."""

from tests.support.families import DOSSIER, FATHER, MOTHER, NOOR, a_family


def test_no_family_that_is_made_has_a_number_of_the_samples_own() -> None:
    made = [a_family() for _ in range(898)]
    assert {NOOR, DOSSIER}.isdisjoint({one.child for one in made} | {one.dossier for one in made})
    assert {MOTHER, FATHER}.isdisjoint({one.mother for one in made} | {one.father for one in made})
    assert len({one.child for one in made}) == len(made)
