"""Starts one program that dies with its supervisor; run as a script, before anything else.

A kill -9 of the supervisor runs no cleanup, so the kernel must do it. The script ends in exec: the
program keeps this process id. It imports the standard library only, since it runs isolated.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1
SUPERVISOR_GONE = 3


def hold(signal: int, supervisor: int) -> None:
    """Ask the kernel for the signal when the supervisor ends (Linux; nothing elsewhere)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0)
    # The supervisor may have ended before the request was made.
    if os.getppid() != supervisor:
        sys.exit(SUPERVISOR_GONE)


def drop_privileges(account: str) -> None:
    """Become the unprivileged account `uid:gid`; `-` keeps the present one."""
    if account == "-":
        return
    uid, gid = (int(part) for part in account.split(":"))
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def main(arguments: list[str]) -> None:
    """Run `leash.py SIGNAL SUPERVISOR ACCOUNT PROGRAM ARGUMENTS…`."""
    signal, supervisor, account, *command = arguments
    os.umask(0o077)
    # A change of account clears the request to the kernel, so it comes second.
    drop_privileges(account)
    hold(int(signal), int(supervisor))
    os.execv(command[0], command)  # noqa: S606 - replacing this process is the purpose


if __name__ == "__main__":
    main(sys.argv[1:])
