"""The process of the test sign-in provider: `python -m gateway.embedded.sign_in_server PORT`."""

import logging
import os
import sys

import uvicorn
from oidc_provider_mock import User, app

from gateway.embedded.ports import LOOPBACK
from gateway.embedded.sign_in import TEST_PERSONS


def serve(port: int) -> None:
    """Run the provider in this process until it is asked to stop."""
    # The provider is plain HTTP on this machine, which its OAuth library refuses by default.
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
    logging.basicConfig(level=logging.ERROR)
    users = [User(sub=person.subject, claims=dict(person.claims())) for person in TEST_PERSONS]
    provider = app(require_nonce=True, user_claims=users)
    # The package serves debug pages, which show what was posted and could run code.
    provider.debug = False
    undebugged = getattr(provider.wsgi_app, "app", provider)
    uvicorn.run(
        undebugged, interface="wsgi", host=LOOPBACK, port=port, log_config=None, access_log=False
    )


if __name__ == "__main__":
    serve(int(sys.argv[1]))
