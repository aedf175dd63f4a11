"""What a partner's system is answered when it tells or asks something about a child's family."""

from gateway.errors import InvalidRequest, NotFound
from gateway.exchange.refusal import Refusal


def recorded(found: str | Refusal | None) -> str:
    """Return the id of what was recorded.

    Raises `InvalidRequest` under the refusal's own code; `NotFound` for None, which is what an
    unknown child and one that the service does not care for have in common.
    """
    if found is None:
        raise NotFound
    if isinstance(found, Refusal):
        raise InvalidRequest(found.message, code=found.code)
    return found
