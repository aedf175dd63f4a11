"""Names that lost letters on their way."""

import pytest

from adapters.subjects import is_damaged


@pytest.mark.parametrize("name", ["Ça?layan", "Y?ld?z", "?ahin", "Erdo\ufffdan", "Öztürk?"])
def test_a_question_mark_inside_a_word_is_a_lost_letter(name: str) -> None:
    assert is_damaged(name)


@pytest.mark.parametrize("name", ["Çağlayan", "D'hondt", "García Iñíguez", "", "Yildiz"])
def test_a_whole_name_is_not_damaged(name: str) -> None:
    assert not is_damaged(name)
