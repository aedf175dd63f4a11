import pytest

from gateway.streams.topics import intake_topic, is_slug, partner_of, partner_topic, source_of

SLUGS = ["vaph", "clb-voorbeeldstreek", "kdv-pimpeltje", "a", "1", "x" * 63]
NO_SLUGS = ["", "-a", "a-", "A", "a.b", "a_b", "a b", "é", "x" * 64, "vaph\n", "partner.vaph", "*"]


@pytest.mark.parametrize("slug", SLUGS)
def test_a_slug_names_a_topic_and_is_found_again_in_it(slug: str) -> None:
    assert is_slug(slug)
    assert partner_topic(slug) == f"partner.{slug}"
    assert intake_topic(slug) == f"intake.{slug}"
    assert partner_of(partner_topic(slug)) == slug
    assert source_of(intake_topic(slug)) == slug


@pytest.mark.parametrize("text", NO_SLUGS)
def test_what_is_no_slug_never_becomes_a_topic(text: str) -> None:
    assert not is_slug(text)
    with pytest.raises(ValueError, match="is a slug"):
        partner_topic(text)
    with pytest.raises(ValueError, match="is a slug"):
        intake_topic(text)


@pytest.mark.parametrize("topic", ["", "partner.", "partner.A", "other.vaph", "partner.a.b"])
def test_a_topic_of_another_kind_belongs_to_nobody(topic: str) -> None:
    assert partner_of(topic) is None
    assert source_of(topic) is None


def test_the_two_kinds_of_topic_are_never_mistaken() -> None:
    assert partner_of(intake_topic("vaph")) is None
    assert source_of(partner_topic("vaph")) is None
