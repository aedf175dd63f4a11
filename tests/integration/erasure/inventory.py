"""What becomes of every column of every table when a child is erased; docs/erasure.md sums it up.

A new column that is not declared here fails a test: say what it holds before it holds anything.
"""

from typing import Final

GONE: Final = "row deleted at erasure"
KEY: Final = "under the child's key"
RESEALED: Final = "under a key of its own that is replaced or destroyed"
EMPTIED: Final = "emptied at erasure"
KEPT: Final = "pseudonymous id or mark kept"
NONE: Final = "no personal data of a child"

FATES: Final = frozenset({GONE, KEY, RESEALED, EMPTIED, KEPT, NONE})

INVENTORY: Final[dict[str, dict[str, str]]] = {
    # The shell: lines of the log and notices lead to it, and it leads to nothing.
    "child": {KEPT: "id", EMPTIED: "wrapped_key known_since", KEY: "facts"},
    "child_lookup": {GONE: "kind value_hash child state"},
    "known_description": {GONE: "child content"},
    "match_key": {GONE: "key child"},
    "match_again": {GONE: "child seen"},
    # Of records that nobody linked: whose they may be is not known, and they name nobody.
    "waiting_key": {NONE: "key item"},
    "match_verdict": {GONE: "subject child same decided_by decided_at"},
    "cancelled_number": {GONE: "value_hash cancelled_at"},
    # Deleted when nothing else here names this person; a parent of another child stays.
    "person": {GONE: "id insz_hash"},
    "family_tie": {GONE: "child person relation authority evidence claimed_at"},
    "tie_claim": {GONE: "child person partner source relation authority asserted_at"},
    "care_relation": {GONE: "child partner since until"},
    "age_event": {GONE: "child event done_at"},
    "resource": {
        GONE: "id child partner type data_class about flags layer key_hash above version"
        " asserted_at status messages"
    },
    "resource_version": {GONE: "resource version content status said receipt recorded_at"},
    "statement_end": {GONE: "partner key_hash ending asserted_at receipt"},
    "statement_amendment": {GONE: "partner key_hash element asserted_at child content receipt"},
    "scope_statement": {GONE: "partner scope_hash key_hash said_at"},
    # A month of one location is nobody's; the picture of a child goes.
    "scope_delivery": {GONE: "partner scope_hash sha256 asserted_at receipt complete"},
    # Of a file about others too, the rest is sealed anew; of one child alone it goes.
    "receipt": {
        RESEALED: "wrapped_key original content_type idempotency_key sha256 size",
        NONE: "id partner source channel status attempts refused_code refused_where"
        " refused_message refused_status account received_at processed_at",
    },
    "receipt_part": {
        GONE: "receipt position part outcome child resources place field code message"
    },
    "review_item": {
        EMPTIED: "candidates evidence subject",
        NONE: "id kind receipt part state raised_at decided_at decided_by decision keyed",
    },
    "consent": {
        GONE: "id child person giver effect classes purpose sources partner since until"
        " wording_id wording_version wording_language wording_sha256 channel assisted_by"
        " rules_version withdrawn_at withdrawn_by supersedes superseded_at contested_at ended_at"
    },
    # That somebody decided something once, about a decision that is gone: history is append-only.
    "consent_event": {KEPT: "id consent act at actor channel"},
    "consent_proposal": {GONE: "id child partner classes purpose until proposed_at"},
    "proposal_answer": {GONE: "proposal person answer consent answered_at"},
    "capacity_assessment": {
        GONE: "id child partner outcome reasons assessor assessed_at contested_at contested_by"
        " settled_at"
    },
    "family_notice": {GONE: "id child person kind subject day made_at release_at read_at"},
    "legal_route": {
        GONE: "id child ground source recipient purpose resources record complete"
        " idempotency_key said invoked_at ends_at ended_at review_due_at notify_at"
    },
    "route_review": {GONE: "route capacity reviewer finding reasons reviewed_at"},
    "relayed_request": {GONE: "id child holder asked_by question asked_at closed_at"},
    "diagnosis_task": {
        GONE: "id child kind proposal focus version statement owner reasons status raised_at"
        " changed_at decided_by role words"
    },
    # A message keeps its place in its recipient's sequence, so that no gap is left.
    "outbox": {
        KEPT: "id xid partner child kind state queued_at tries tried_at parked_for parked_error"
        " parked_at",
        EMPTIED: "resource version consent route",
    },
    "delivery": {
        KEPT: "id outbox partner child kind sequence state broker_offset notice sealed_at"
        " sent_at closed_at",
        EMPTIED: "resource version purpose effect consents route wrapped_key message_key",
    },
    "message_key": {
        GONE: "id child partner purpose data_class source wrapped_key opened_at closed_at settled"
    },
    # Ciphertext keeps its place in the feed; its key is destroyed.
    "feed_message": {RESEALED: "payload", KEPT: "delivery put_at"},
    "notice_answer": {KEPT: "delivery done basis answered_at"},
    # Who received what by an id of its own: a notice that a broker lost is sealed again.
    "corrected": {KEPT: "id notice partner resource version delivery"},
    # Lines stay and are counted; no id in them leads anywhere any more.
    "access_log": {
        KEPT: "id xid at act partner role purpose classes outcome rules rules_version",
        EMPTIED: "actor child resources consents correlation basis",
    },
    # The leaf stays as it was: it holds a commitment, which nothing opens without its salt.
    "log_leaf": {KEPT: "index entry commitment", EMPTIED: "salt"},
    "log_tile": {NONE: "level index hashes"},
    "log_checkpoint": {NONE: "size note horizon last_entry signed_at"},
    "log_witness": {NONE: "name verifier_key partner registered_at"},
    "log_cosignature": {NONE: "size witness line received_at"},
    "receiving": {
        NONE: "partner way since_sequence put_sequence told_sequence url attempts next_at"
        " failing_since parked_at trouble"
    },
    "decision_basis": {KEPT: "hash child first_used_at", KEY: "content"},
    # That two people decided it, and on which ground; the reason ends with the key.
    "erasure": {
        KEPT: "id child ground asked_by asked_as_dpo asked_at decided_by decision decided_at",
        EMPTIED: "reason",
    },
    "reidentification": {GONE: "id child words asked_by asked_at approved_by approved_at"},
    # How far one day was gone through, as an id; it goes with its day.
    "calendar_day": {KEPT: "reached", NONE: "day done_at"},
    "partner": {
        NONE: "id name kind secrecy youth_help status merged_into predecessors ended_at"
        " settled_at source jwks jwks_uri scopes registered_at"
    },
    # Agreements between services; an operator's act names nobody.
    "protocol": {
        NONE: "id from_service to_service since until reference registered_by registered_at"
        " ended_at opened_at settled_at"
    },
    "protocol_register": {NONE: "only in_force_at settled_at"},
    "partner_stream": {NONE: "partner last_sequence"},
    "used_assertion": {NONE: "partner jti expires_at"},
    "alembic_version": {NONE: "version_num"},
}


def fate_of(table: str, column: str) -> str | None:
    """Return what becomes of a column; None when nobody declared it."""
    fates = INVENTORY.get(table, {})
    return next((fate for fate, names in fates.items() if column in names.split()), None)
