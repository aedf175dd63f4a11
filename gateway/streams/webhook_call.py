"""One call of a webhook, with all that a stranger's server may not do to the hub.

The name is looked up once and the call goes to the checked address itself, under the name's own
certificate: a name that changes between check and call leads nowhere else. No redirect is followed,
no proxy of the environment is asked, nothing of the answer is read but its status, and the whole
takes ten seconds at most.
"""

import asyncio
from typing import Final

import httpx

from gateway.exchange.deliveries.ring_webhook import Ring
from gateway.exchange.partners.public_address import NotPublicError, Place, public_place

CALL_SECONDS: Final = 10.0
_GONE: Final = 410


def call_webhook(ring: Ring, *, loopback: bool = False) -> str | None:
    """Make the call; return None when it was taken, else a code that says what went wrong."""
    try:
        place = public_place(ring.url, loopback=loopback)
        status = asyncio.run(_within_time(ring, place))
    except NotPublicError:
        return "not_public"
    except TimeoutError:
        return "too_slow"
    except (httpx.HTTPError, OSError, ValueError):
        return "no_answer"
    if status == _GONE:
        return "gone"
    return None if httpx.codes.is_success(status) else f"answered_{status}"


async def _within_time(ring: Ring, place: Place) -> int:
    async with asyncio.timeout(CALL_SECONDS):
        return await _status(ring, place)


async def _status(ring: Ring, place: Place) -> int:
    host = f"[{place.host}]" if ":" in place.host else place.host
    named = place.url.port is not None
    headers = {**ring.headers, "host": f"{host}:{place.port}" if named else host}
    sni = {"sni_hostname": place.host}
    async with (
        httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=CALL_SECONDS) as client,
        client.stream(
            "POST", place.at_ip, content=ring.body, headers=headers, extensions=sni
        ) as answer,
    ):
        return answer.status_code
