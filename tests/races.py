"""Two people at the same moment.

Each in a thread of its own, with a connection of its own as the web role.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection

from compliance.policy import Refused


def at_once(*doings: Callable[[], Any]) -> list[Any]:
    """Run the doings at the same moment; what each returned, or the exception it ended with.

    Only a `Refused` is an answer: anything else is raised, because nobody may ever see it.
    """
    gate = Barrier(len(doings))

    def run(doing: Callable[[], Any]) -> Any:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET ROLE crm_web")
                cursor.execute("SET lock_timeout = '5s'")
            gate.wait(timeout=10)
            return doing()
        except Refused as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(doings)) as pool:
        return [future.result(timeout=30) for future in [pool.submit(run, doing) for doing in doings]]
