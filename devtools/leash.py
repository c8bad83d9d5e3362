"""Runs a program that ends when the process that started it ends, even by kill -9 (Linux).

Called as: python leash.py PID-OF-THE-STARTER PROGRAM ARGUMENT…
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1

if __name__ == "__main__":
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(sys.argv[1]):
        sys.exit("The process that asked for this one has already ended.")
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606 no shell is wanted
