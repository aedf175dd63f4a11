"""Signed notes, checkpoints and cosignatures are those of C2SP, to the letter."""

import base64
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.transparency.checkpoint import Checkpoint
from gateway.transparency.note import (
    KeyKind,
    MalformedError,
    Note,
    SignerKey,
    VerifierKey,
    cosigned_at,
)
from tests.support.theorems import tried_on

# C2SP signed-note and tlog-cosignature.
FOO = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE = (
    "This is an example message.\n\n\u2014 example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
BODY = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
LOG = SignerKey.generate("hub.example/log")
WITNESS = SignerKey.generate("witness.example", KeyKind.WITNESS)
CHECKPOINT = Checkpoint(origin="hub.example/log", size=7, root=b"\x07" * 32, time=1_760_000_000)


def test_the_example_of_the_specification_verifies() -> None:
    key = VerifierKey.parse(FOO)
    note = Note.parse(EXAMPLE)
    assert str(note) == EXAMPLE
    assert str(key) == FOO
    assert key.signed(note)
    assert not key.signed(replace(note, text="This is another message.\n"))


def test_the_checkpoint_of_the_specification_is_read_and_written_alike() -> None:
    found = Checkpoint.parse(BODY)
    assert (found.origin, found.size) == ("example.com/behind-the-sofa", 20852163)
    assert found.text == BODY


def test_a_cosignature_is_over_its_time_and_the_whole_text() -> None:
    made = WITNESS.sign(BODY, moment=1679315147)
    assert cosigned_at(made) == 1679315147
    assert WITNESS.verifier.made(made, BODY)
    later = (1679315148).to_bytes(8, "big") + made.value[8:]
    assert not WITNESS.verifier.made(replace(made, value=later), BODY)
    assert not WITNESS.verifier.made(made, BODY + "more\n")


def test_keys_are_written_and_read_alike() -> None:
    for key in (LOG, WITNESS):
        assert SignerKey.parse(key.secret()) == key
        assert VerifierKey.parse(str(key.verifier)) == key.verifier
        assert key.secret() not in repr(key)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "example.com/foo",
        FOO.replace("530d903a", "530d903b"),
        FOO.replace("example.com/foo", "example.com/fou"),
        FOO[:-2],
        FOO.replace("+Aeky", "+Beky"),
    ],
)
def test_a_damaged_key_is_refused(written: str) -> None:
    with pytest.raises(MalformedError):
        VerifierKey.parse(written)
    with pytest.raises(MalformedError):
        SignerKey.parse("PRIVATE+KEY+" + written)


def test_a_bad_signature_of_a_known_key_outweighs_a_good_one() -> None:
    note = Note.parse(EXAMPLE)
    bad = replace(note.signatures[0], value=bytes(64))
    assert not VerifierKey.parse(FOO).signed(Note(note.text, (*note.signatures, bad)))


def test_signatures_of_others_are_passed_over() -> None:
    text = CHECKPOINT.text
    note = Note(text, (LOG.sign(text), WITNESS.sign(text, moment=5)))
    read = Note.parse(str(note))
    assert LOG.verifier.signed(read)
    assert WITNESS.verifier.signed(read)
    assert Checkpoint.of(read) == CHECKPOINT
    assert not SignerKey.generate("hub.example/log").verifier.signed(read)


@tried_on(200)
@given(st.data())
def test_no_bit_of_a_signed_checkpoint_may_differ(data: st.DataObject) -> None:
    signed = Note(CHECKPOINT.text, (LOG.sign(CHECKPOINT.text),))
    raw = bytearray(str(signed), "utf-8")
    # The last base64 character before the padding has bits that mean nothing.
    bit = data.draw(st.integers(0, (len(raw) - 4) * 8 - 1))
    raw[bit // 8] ^= 1 << bit % 8
    with suppress(MalformedError, UnicodeDecodeError):
        assert not LOG.verifier.signed(Note.parse(raw.decode()))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "origin\n1\n",
        "origin\n01\n" + base64.b64encode(bytes(32)).decode() + "\n",
        "origin\n-1\n" + base64.b64encode(bytes(32)).decode() + "\n",
        "origin\n1\n" + base64.b64encode(bytes(31)).decode() + "\n",
        "origin\n1\n\n",
        "origin\n1\n" + base64.b64encode(bytes(32)).decode(),
        "origin\n1\n!\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        Checkpoint.parse(text)


@tried_on(200)
@given(st.text())
def test_reading_anything_fails_in_one_way_only(text: str) -> None:
    for read in (Note.parse, VerifierKey.parse, SignerKey.parse, Checkpoint.parse):
        with suppress(MalformedError):
            read(text)
