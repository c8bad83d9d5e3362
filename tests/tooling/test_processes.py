"""The product's own web, worker and beat, started with the very commands of `up` and of the containers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from celery import Celery
from django.conf import settings

from devtools.processes import end_groups, start_leashed, started_at, wait_until
from devtools.supervisor import answers, commands, free_port
from tests.tooling.conftest import ROOT


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty home folder, in which nothing should appear."""
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


@contextmanager
def running(name: str, port: int, home: Path) -> Iterator[Path]:
    """One of the three programs for the time of the block; gives its log."""
    log = home.parent / f"{name}.log"
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "msl_crm.settings", "HOME": str(home)}
    with log.open("ab") as out:
        process = start_leashed(commands(port, home.parent)[name], env=env, cwd=ROOT, log=out)
    try:
        yield log
    finally:
        end_groups({process.pid: started_at(process.pid) or ""}, ROOT)
        process.wait(10)
    assert list(home.iterdir()) == [], "it wrote into the home folder"


def test_web_answers(home: Path) -> None:
    port = free_port(18100)
    with running("web", port, home) as log:
        assert wait_until(lambda: answers(f"http://127.0.0.1:{port}/healthz"), 60), log.read_text()


def test_a_worker_answers(home: Path) -> None:
    app = Celery(broker=settings.CELERY_BROKER_URL)
    with running("worker", 0, home) as log:
        assert wait_until(lambda: app.control.ping(timeout=0.5), 60), log.read_text()


def test_beat_keeps_its_schedule_in_the_state_folder(home: Path) -> None:
    with running("beat", 0, home) as log:
        assert wait_until(lambda: list(home.parent.glob("schedule*")), 60), log.read_text()
