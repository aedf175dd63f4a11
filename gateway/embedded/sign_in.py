"""The test sign-in provider: a real OpenID Connect server from a package, with invented persons.

Anybody who reaches it can sign in as anybody, so it listens on this machine only and is never part
of a production image.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from gateway.embedded.child import Child, Command
from gateway.embedded.failure import EngineError
from gateway.embedded.places import package_folder
from gateway.embedded.ports import LOOPBACK, free_port

PACKAGE = "oidc_provider_mock"
OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class TestPerson:
    """An invented person who can sign in with one click; `subject` is the label of the button."""

    __test__ = False

    subject: str
    name: str
    part: str
    insz: str | None = None
    roles: tuple[str, ...] = ()

    def claims(self) -> Mapping[str, object]:
        """Return the claims of this person's ID token, as a real provider would send them."""
        national_number = {"insz": self.insz} if self.insz else {}
        return {"name": self.name, **national_number, "roles": list(self.roles)}


# The national numbers are test numbers (month + 60), which no register ever gives out.
TEST_PERSONS: tuple[TestPerson, ...] = (
    TestPerson(
        subject="yasmina-el-amrani",
        name="Yasmina El Amrani",
        part="Noor's mother",
        insz="90710208412",
    ),
    TestPerson(
        subject="wouter-peeters",
        name="Wouter Peeters",
        part="Noor's father",
        insz="88672331155",
    ),
    TestPerson(
        subject="an-auditor",
        name="An Auditor",
        part="auditor; sees the log, no record",
        roles=("auditor",),
    ),
    TestPerson(
        subject="dina-deckers",
        name="Dina Deckers",
        part="data protection officer; reviews what services said without consent",
        roles=("auditor", "dpo"),
    ),
    TestPerson(
        subject="karim-claes",
        name="Karim Claes",
        part="independent clinician; reviews it too",
        roles=("auditor", "clinician"),
    ),
    TestPerson(
        subject="sam-onbekend",
        name="Sam Onbekend",
        part="a stranger; may see nothing",
    ),
)


class SignIn:
    """The provider as a supervised process on a fixed port."""

    def __init__(self, folder: Path, *, port: int | None = None, log: Path | None = None) -> None:
        if package_folder(PACKAGE) is None:
            raise EngineError(
                "the test sign-in provider is not installed; run `pip install deelregie[embedded]`"
            )
        self.port = port or free_port()
        self.child = Child(
            Command(
                name="sign-in",
                argv=(sys.executable, "-m", "gateway.embedded.sign_in_server", str(self.port)),
                folder=folder,
                log=log or folder / "sign-in.log",
                env=python_path(),
                patience=5.0,
            )
        )

    @property
    def issuer(self) -> str:
        """The issuer URL that the hub is given."""
        return f"http://{LOOPBACK}:{self.port}"

    def start(self) -> None:
        """Start the provider and wait until it can be discovered."""
        self.child.start()
        self.wait_ready()

    def wait_ready(self) -> None:
        """Wait until the provider can be discovered."""
        self.child.wait_until(
            lambda: responds(self.port, "/.well-known/openid-configuration"), seconds=30.0
        )

    def stop(self) -> None:
        """Stop the provider; everybody's session at the provider is forgotten."""
        self.child.stop()


def python_path() -> dict[str, str]:
    """Return the environment in which a subprocess imports the same code as this process."""
    root = str(Path(__file__).resolve().parents[2])
    earlier = os.environ.get("PYTHONPATH", "")
    return {"PYTHONPATH": f"{root}{os.pathsep}{earlier}" if earlier else root}


def responds(port: int, path: str) -> bool:
    """Tell whether a local server answers the path with 200."""
    connection = HTTPConnection(LOOPBACK, port, timeout=2.0)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
