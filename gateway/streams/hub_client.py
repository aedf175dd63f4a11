"""What a partner's program asks of the hub over HTTP: tokens, keys, the hub's key, intake.

Nothing here knows the hub's inside; a partner may run it as it is or write its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import httpx

from gateway import clock
from gateway.identity.jose import sign_assertion

MOST_KEYS: Final = 500
_ASSERTION: Final = "client-authentication+jwt"
_ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ASSERTION_SECONDS: Final = 60
_METADATA: Final = "/.well-known/oauth-authorization-server"
_EARLY: Final = timedelta(seconds=30)
_UNAUTHORISED: Final = 401
_PATIENCE: Final = 10.0
_TEMPORARY: Final = frozenset({429, 502, 503, 504})


class HubUnavailableError(Exception):
    """The hub does not answer now; asking again later is safe."""


class HubRefusedError(Exception):
    """The hub refused; asking again will not help before something is mended."""

    def __init__(self, message: str, *, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.status = status
        self.problem = problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """The answer for one message: its key, or that it is gone."""

    id: str
    released: bool
    jwk: Mapping[str, str]


class HubClient:
    """One partner's connection to one hub; signs in by itself with the partner's own key."""

    def __init__(self, address: str, partner: str, private_jwk: Mapping[str, Any]) -> None:
        self.partner = partner
        self._private_jwk = private_jwk
        self._http = httpx.Client(base_url=address.rstrip("/"), timeout=_PATIENCE)
        self._metadata: Mapping[str, Any] | None = None
        self._token, self._expires = "", clock.now()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    @property
    def issuer(self) -> str:
        """The hub's own name, which assertions are addressed to."""
        return str(self._about()["issuer"])

    def keys(self, ids: Sequence[str]) -> dict[str, Key]:
        """Ask for the keys of messages; a key that is released counts as read and is logged."""
        found: dict[str, Key] = {}
        for start in range(0, len(ids), MOST_KEYS):
            asked = {"ids": list(ids[start : start + MOST_KEYS])}
            for answer in self._signed_in("POST", "/keys", json=asked).json()["keys"]:
                released = answer["state"] == "released"
                jwk = answer["jwk"] if released else {}
                found[answer["id"]] = Key(id=answer["id"], released=released, jwk=jwk)
        return found

    def feed(self, *, after: int, limit: int = 100, wait: int = 0) -> dict[str, Any]:
        """Return the next messages of the feed: `events`, `next` and `more`."""
        asked = {"after": after, "limit": limit, "wait": wait}
        patience = httpx.Timeout(_PATIENCE + wait)
        return dict(
            self._signed_in(
                "GET", "/feed", params=asked, extensions={"timeout": patience.as_dict()}
            ).json()
        )

    def answer_notice(self, notice: str, *, done: str, basis: str | None = None) -> None:
        """Tell what was done with the copy that a notice was about."""
        given = {"done": done} | ({"basis": basis} if basis else {})
        self._signed_in("POST", f"/notices/{notice}/answer", json=given)

    def encryption_key(self) -> dict[str, Any]:
        """Return the public key that streamed records are encrypted to."""
        keys = self._asked(self._http.build_request("GET", self._about()["jwks_uri"])).json()
        for key in keys["keys"]:
            if key.get("use") == "enc":
                return dict(key)
        raise HubRefusedError("the hub publishes no key to encrypt to", status=0, problem={})

    def hand_in(
        self, source: str, raw: bytes, *, content_type: str, idempotency_key: str
    ) -> dict[str, Any]:
        """Hand in a record in the partner's own format; return the receipt."""
        headers = {"content-type": content_type, "idempotency-key": idempotency_key}
        answer = self._signed_in("POST", f"/intake/{source}", content=raw, headers=headers)
        return dict(answer.json())

    def receipt(self, receipt: str) -> dict[str, Any]:
        """Return what became of every part of a record."""
        return dict(self._signed_in("GET", f"/intake/receipts/{receipt}").json())

    def checkpoint(self) -> str:
        """Return the newest checkpoint of the access log, a signed note."""
        return self._signed_in("GET", "/log/checkpoint").text

    def consistency(self, first: int, second: int) -> list[str]:
        """Return the proof between two sizes of the log, each hash in base64."""
        asked = {"first": first, "second": second}
        answer = self._signed_in("GET", "/log/proof/consistency", params=asked).json()
        return [str(one) for one in answer["consistency_path"]]

    def cosign(self, note: str) -> None:
        """Hand in a checkpoint with this partner's cosignature."""
        self._signed_in("POST", "/log/cosignatures", content=note.encode())

    def _signed_in(self, method: str, path: str, **content: Any) -> httpx.Response:
        headers = dict(content.pop("headers", {}))
        for fresh in (False, True):
            headers["authorization"] = f"Bearer {self._access_token(fresh=fresh)}"
            request = self._http.build_request(method, path, headers=headers, **content)
            try:
                return self._asked(request)
            except HubRefusedError as refusal:
                if refusal.status != _UNAUTHORISED or fresh:
                    raise
        raise AssertionError("unreachable")

    def _access_token(self, *, fresh: bool) -> str:
        at = clock.now()
        if fresh or at >= self._expires:
            answer = self._sign_in(at)
            self._token = str(answer["access_token"])
            self._expires = at + timedelta(seconds=int(answer["expires_in"])) - _EARLY
        return self._token

    def _sign_in(self, at: datetime) -> dict[str, Any]:
        assertion = sign_assertion(
            self._private_jwk,
            issuer_id=self.partner,
            audience=self.issuer,
            typ=_ASSERTION,
            lifetime=_ASSERTION_SECONDS,
            at=at,
        )
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": _ASSERTION_TYPE,
            "client_assertion": assertion,
        }
        request = self._http.build_request("POST", self._about()["token_endpoint"], data=form)
        return dict(self._asked(request).json())

    def _about(self) -> Mapping[str, Any]:
        if self._metadata is None:
            self._metadata = dict(self._asked(self._http.build_request("GET", _METADATA)).json())
        return self._metadata

    def _asked(self, request: httpx.Request) -> httpx.Response:
        try:
            answer = self._http.send(request)
        except httpx.TransportError as error:
            raise HubUnavailableError("the hub does not answer; check its address") from error
        if answer.status_code in _TEMPORARY:
            raise HubUnavailableError(
                f"the hub answers {answer.status_code}; try again in a moment"
            )
        if answer.is_error:
            raise _refusal(answer)
        return answer


def _refusal(answer: httpx.Response) -> HubRefusedError:
    kind = answer.headers.get("content-type", "")
    problem = answer.json() if "json" in kind else {}
    detail = problem.get("detail") or problem.get("title") or problem.get("error") or ""
    message = f"the hub refused with {answer.status_code} {detail}".rstrip()
    return HubRefusedError(message, status=answer.status_code, problem=problem)
