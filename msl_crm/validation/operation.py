"""Does the product run as it must? Clocks, durability, what waits too long, the last backup, the disk."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.db.models import Min
from django.utils import timezone

from accounts.acting import acting_as, system
from accounts.models import Custodian, Market, Notice
from compliance import chain
from jobs.models import Job
from msl_crm.validation.installation import ask
from msl_crm.validation.results import Result, nothing, same

SKEW = timedelta(seconds=2)
SEALED_WITHIN = timedelta(seconds=60)
BACKUP_WITHIN = timedelta(hours=26)
WAITS_AT_MOST = timedelta(minutes=15)
FREE_AT_LEAST = 0.10


def results(*, backup: str = "", disk: str = "") -> Iterator[Result]:
    """Every check of the running product. `backup` is the newest dump, `disk` a path on the database's disk."""
    yield clock()
    yield synchronised()
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        yield same(f"{name} is on", "on", ask(f"SHOW {name}")[0][0])
    yield Result("the cache answers", _cache_answers())
    with acting_as(system("check the operation")) as acting:
        yield young("the oldest notice without its mail", Notice.objects.filter(mailed_at=None, read_at=None)
                    .aggregate(at=Min("created_at"))["at"], acting.now, WAITS_AT_MOST)  # fmt: skip
        waiting = Job.objects.filter(state__in=("WAITING", "RUNNING")).aggregate(at=Min("created_at"))["at"]
        yield young("the oldest job that waits", waiting, acting.now, timedelta(hours=6))
        held = Custodian.objects.filter(during__contains=acting.now).values("market")
        yield nothing(
            "every active market has a custodian", Market.objects.filter(active=True).exclude(pk__in=held)
        )
        yield sealed()
    yield backed_up(backup)
    yield room(disk or str(settings.BASE_DIR))


def clock() -> Result:
    """This machine's clock beside the database's: what is written bears the database's."""
    there = ask("SELECT clock_timestamp()")[0][0]
    apart = abs(there - timezone.now())
    return Result(
        "clocks of application and database agree", apart <= SKEW, f"{apart.total_seconds():.3f} s apart"
    )


def synchronised() -> Result:
    """Whether the system says that its clock follows a time server."""
    name = "the clock follows a time server"
    if (tool := shutil.which("timedatectl")) is None:
        return Result(name, None, "no timedatectl here; look at the host")
    asked = [tool, "show", "--property=NTPSynchronized", "--value"]
    said = subprocess.run(  # noqa: S603 a tool of the system, no word of anybody
        asked, capture_output=True, text=True, check=False, timeout=10
    ).stdout.strip()
    return Result(name, {"yes": True, "no": False}.get(said), said or "no answer; look at the host")


def _cache_answers() -> bool:
    try:
        cache.set("check_operation", "here", 5)
        return bool(cache.get("check_operation") == "here")
    except OSError:
        return False


def young(name: str, at: datetime | None, now: datetime, limit: timedelta) -> Result:
    """Fine where nothing is there, or what is there is young enough."""
    if at is None:
        return Result(name, True, "none")
    age = now - at
    return Result(name, age <= limit, f"{str(age).partition('.')[0]} old")


def sealed() -> Result:
    """How long the oldest row has waited for its seal."""
    waits = chain.health().unsealed
    return Result("the trail is sealed", waits <= SEALED_WITHIN, f"{waits.total_seconds():.0f} s behind")


def backed_up(path: str) -> Result:
    name = "the newest backup is younger than 26 hours"
    if not path:
        return Result(name, None, "name it with --backup")
    file = Path(path)
    if not file.is_file() or not file.stat().st_size:
        return Result(name, False, f"no such file, or an empty one: {path}")
    age = datetime.now(UTC) - datetime.fromtimestamp(file.stat().st_mtime, UTC)
    return Result(name, age <= BACKUP_WITHIN, f"{str(age).partition('.')[0]} old")


def room(path: str) -> Result:
    usage = shutil.disk_usage(path)
    free = usage.free / usage.total
    return Result("a tenth of the disk is free", free >= FREE_AT_LEAST, f"{free:.0%} free at {path}")
