"""Partners and auditors fetch checkpoints and proofs, verify them, and cosign them."""

from base64 import b64decode
from collections.abc import Iterator
from typing import Any

import pytest

from gateway import clock
from gateway.embedded.postgres import Postgres
from gateway.errors import InvalidRequest
from gateway.exchange.audit.cosign_log import register_witness
from gateway.exchange.audit.log_key import log_key
from gateway.transparency.checkpoint import Checkpoint
from gateway.transparency.note import KeyKind, Note, SignerKey
from gateway.transparency.proofs import consistency_holds, inclusion_holds
from gateway.transparency.tree import leaf_hash
from gateway.transparency.verify_log import verify
from gateway.transparency.witness import Why, refusal
from tests.integration.log.calling import CSRF, Api
from tests.integration.log.world import Log, a_log
from tests.support.running_hub import CAW, CLB, register_partners

WITNESS = SignerKey.generate("clb.example/witness", KeyKind.WITNESS)
AUDITOR = SignerKey.generate("audit.example/witness", KeyKind.WITNESS)
COSIGN = "/log/cosignatures"


@pytest.fixture(scope="module")
def log(postgres_server: Postgres, template_database: str) -> Iterator[Log]:
    url = postgres_server.create_database("proofs", template=template_database)
    with a_log(postgres_server, url) as made:
        register_partners(made.hub)
        for key, partner in ((WITNESS, CLB), (AUDITOR, None)):
            register_witness(made.hub, str(key.verifier), partner=partner, at=clock.now())
        made.at = clock.now()
        made.grow(700, batches=7)
        yield made
    postgres_server.drop_database("proofs")


@pytest.fixture(scope="module")
def api(log: Log) -> Iterator[Api]:
    made = Api(log)
    yield made
    made.close()


def fetched(api: Api, **query: Any) -> Note:
    answer = api.partner(CLB, "GET", "/log/checkpoint", params=query)
    assert answer.status_code == 200, answer.text
    return Note.parse(answer.text)


def hashes(texts: list[str]) -> list[bytes]:
    return [b64decode(one) for one in texts]


def cosigned(note: Note, key: SignerKey) -> str:
    return str(Note(note.text, (*note.signatures, key.sign(note.text, moment=1_800_000_000))))


def test_a_checkpoint_is_signed_by_the_log_and_names_it(api: Api, log: Log) -> None:
    note = fetched(api)
    assert log_key(log.hub).verifier.signed(note)
    assert (Checkpoint.of(note).origin, Checkpoint.of(note).size) == ("hub.test/log", 706)
    assert api.partner(CLB, "GET", "/log/checkpoint?size=4").status_code == 404


def test_every_leaf_of_an_export_is_proven_to_be_in_the_tree(api: Api, log: Log) -> None:
    root = Checkpoint.of(fetched(api)).root
    leaves = [one for one in log.export() if one.startswith("+")]
    for index in (0, 1, 255, 256, 511, 705):
        path = f"/log/proof/inclusion?leaf_index={index}&tree_size=706"
        proof = api.auditor("GET", path).json()
        line = leaves[index].rstrip("\n").split(" ", 3)[3].encode()
        assert b64decode(proof["leaf_hash"]) == leaf_hash(line)
        assert inclusion_holds(leaf_hash(line), index, 706, hashes(proof["inclusion_path"]), root)


def test_each_checkpoint_is_proven_to_continue_each_earlier_one(api: Api, log: Log) -> None:
    newest = Checkpoint.of(fetched(api))
    for [note] in log.sql("select note from log_checkpoint order by size"):
        old = Checkpoint.of(Note.parse(note))
        path = f"/log/proof/consistency?first={old.size}&second={newest.size}"
        proof = hashes(api.partner(CAW, "GET", path).json()["consistency_path"])
        assert consistency_holds(old.size, newest.size, proof, old.root, newest.root)
        assert refusal(old, newest, proof) is None


@pytest.mark.parametrize(
    "path",
    [
        "/log/proof/inclusion?leaf_index=706&tree_size=706",
        "/log/proof/inclusion?leaf_index=0&tree_size=707",
        "/log/proof/inclusion?leaf_index=-1&tree_size=3",
        "/log/proof/inclusion?leaf_index=0",
        "/log/proof/consistency?first=0&second=3",
        "/log/proof/consistency?first=4&second=3",
        "/log/proof/consistency?first=1&second=99999999999999999999",
    ],
)
def test_what_cannot_be_proven_is_refused(api: Api, path: str) -> None:
    assert api.partner(CLB, "GET", path).status_code == 400


@pytest.mark.parametrize("path", ["/log/checkpoint", "/log/proof/consistency?first=1&second=2"])
def test_only_partners_and_auditors_may_ask(api: Api, path: str) -> None:
    assert api.ask("GET", path).status_code == 401
    assert api.ask("GET", path, {"Authorization": "Bearer x"}).status_code == 401
    assert api.parent("GET", path).status_code == 403
    assert api.auditor("GET", path).status_code == 200


def test_a_partners_cosignature_is_shown_with_the_checkpoint_and_in_exports(
    api: Api, log: Log
) -> None:
    note = fetched(api)
    answer = api.partner(CLB, "POST", COSIGN, content=cosigned(note, WITNESS))
    assert answer.status_code == 200, answer.text
    shown = fetched(api)
    assert str(shown) == answer.text
    assert WITNESS.verifier.signed(shown)
    again = api.partner(CLB, "POST", COSIGN, content=cosigned(note, WITNESS))
    assert again.text == answer.text
    witness = str(WITNESS.verifier)
    found = verify(log.export(), log.key, witnesses=[witness])
    assert (found["ok"], found["cosigned"]) == (True, {WITNESS.name: 706})
    stranger = str(SignerKey.generate("other.example", KeyKind.WITNESS).verifier)
    found = verify(log.export(), log.key, witnesses=[witness, stranger])
    assert [one["kind"] for one in found["findings"]] == ["not_cosigned"]


def test_an_auditor_cosigns_too_with_the_token_of_the_session(api: Api) -> None:
    body = cosigned(fetched(api), AUDITOR)
    assert api.auditor("POST", COSIGN, content=body).status_code == 403
    assert api.auditor("POST", COSIGN, csrf=CSRF, content=body).status_code == 200
    assert AUDITOR.verifier.signed(fetched(api))


def test_what_a_log_may_not_take_is_refused_as_c2sp_says(api: Api, log: Log) -> None:
    note = fetched(api)
    checkpoint = Checkpoint.of(note)

    def told(caller: str, text: str, key: SignerKey) -> Any:
        body = cosigned(Note(text, note.signatures[:1]), key)
        answer = api.partner(caller, "POST", COSIGN, content=body)
        return answer.status_code, answer

    elsewhere = Checkpoint(origin="else.example", size=706, root=checkpoint.root).text
    assert told(CLB, elsewhere, WITNESS)[0] == 404
    assert told(CAW, note.text, WITNESS)[0] == 403
    assert told(CLB, note.text, SignerKey.generate(WITNESS.name, KeyKind.WITNESS))[0] == 403
    larger = Checkpoint(origin=checkpoint.origin, size=10_000, root=checkpoint.root).text
    status, answer = told(CLB, larger, WITNESS)
    assert (status, answer.text) == (409, "706\n")
    assert answer.headers["content-type"].startswith("text/x.tlog.size")
    other = Checkpoint(origin=checkpoint.origin, size=706, root=bytes(32)).text
    assert told(CLB, other, WITNESS)[0] == 422
    for body in ("", "x", note.text, "\x00" * 9, b"\xff" * 9, b"x" * 70_000):
        assert api.partner(CLB, "POST", COSIGN, content=body).status_code == 400
    assert log.sql("select count(*) from log_cosignature where size <> 706") == [(0,)]


def test_only_keys_of_witnesses_are_registered_as_such(log: Log) -> None:
    for written, partner in (
        (log.key, None),
        ("nonsense", None),
        (str(WITNESS.verifier), "nobody"),
    ):
        with pytest.raises(InvalidRequest):
            register_witness(log.hub, written, partner=partner, at=log.at)


def test_a_witness_refuses_what_does_not_continue_what_it_saw(api: Api) -> None:
    new = Checkpoint.of(fetched(api))
    old = Checkpoint.of(fetched(api, size=306))
    path = f"/log/proof/consistency?first={old.size}&second={new.size}"
    proof = hashes(api.partner(CLB, "GET", path).json()["consistency_path"])
    assert refusal(None, new, []) is None
    assert refusal(old, new, proof) is None
    assert refusal(new, old, proof) is Why.ROLLED_BACK
    assert (
        refusal(new, Checkpoint(origin=new.origin, size=new.size, root=old.root), []) is Why.FORKED
    )
    lied = Checkpoint(origin=old.origin, size=old.size, root=new.root)
    assert refusal(lied, new, proof) is Why.NOT_CONTINUED
    other = Checkpoint(origin="x", size=new.size, root=new.root)
    assert refusal(old, other, proof) is Why.ANOTHER_LOG
