"""`dev.py up` as a person meets it: it starts, survives, stops and starts again."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from devtools.processes import processes_inside, started_at, wait_until
from tests.tooling.conftest import Checkout

linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


def page(address: str) -> str:
    """What the page says; empty while nobody answers."""
    try:
        with urllib.request.urlopen(address, timeout=2) as response:
            return str(response.read().decode())
    except (OSError, urllib.error.URLError):
        return ""


def state_of(checkout: Checkout) -> Path:
    """Where this checkout keeps its state, as its own copy of the tooling says."""
    asked = subprocess.run(
        [sys.executable, "-c", "from devtools.places import state_folder; print(state_folder())"],
        cwd=checkout.root,
        capture_output=True,
        text=True,
        check=True,
    )
    return Path(asked.stdout.strip())


def children_of(checkout: Checkout) -> dict[str, list[int]]:
    return dict(json.loads((state_of(checkout) / "up.json").read_text())["children"])


@linux_only
def test_up_serves_moves_aside_mends_itself_and_stops(checkout: Checkout) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process, address = checkout.up("--port", str(port))
        assert address != f"http://127.0.0.1:{port}/", "the port was taken"
    assert page(address + "groups") == "1"

    web = children_of(checkout)["web"][0]
    os.killpg(web, signal.SIGKILL)
    assert wait_until(lambda: started_at(web) is None, 5)
    assert wait_until(lambda: page(address + "healthz") == "ok", 30), "web was not started again"
    assert children_of(checkout)["web"][0] != web

    postmaster = int((state_of(checkout) / "postgres-demo/data/postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGKILL)
    assert wait_until(lambda: page(address + "groups") == "1", 30), "the database was not started again"

    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=20) == 0
    assert time.monotonic() - began < 10
    assert processes_inside(checkout.root) == []
    assert processes_inside(state_of(checkout) / "postgres-demo/data") == []


@linux_only
def test_after_a_hard_kill_the_next_start_keeps_the_data(checkout: Checkout) -> None:
    process, address = checkout.up("--port", "18000")
    left = [pid for pid, _ in children_of(checkout).values()]
    process.kill()
    process.wait()
    assert wait_until(lambda: all(started_at(pid) is None for pid in left), 15), "children outlived dev.py"

    began = time.monotonic()
    process, address = checkout.up("--port", "18000")
    assert time.monotonic() - began < 20
    assert page(address + "groups") == "2", "the first start's row and the second's"

    again = checkout.say("up")
    assert again.returncode == 0
    assert f"already up: {address}" in again.stdout

    process.kill()
    process.wait()
    assert checkout.say("stop").returncode == 0
    assert processes_inside(checkout.root) == []
    assert processes_inside(state_of(checkout) / "postgres-demo/data") == []


def test_a_failed_step_says_what_to_do(checkout: Checkout) -> None:
    (checkout.root / "msl_crm" / "settings.py").write_text("raise SystemExit('no settings today')")
    tried = checkout.say("up")
    assert tried.returncode == 1
    assert "no settings today" in tried.stderr
    assert "→" in tried.stderr
    assert "Traceback" not in tried.stderr
    assert processes_inside(state_of(checkout) / "postgres-demo/data") == []


def test_an_interrupted_first_start_leaves_no_half_company(checkout: Checkout) -> None:
    seed = checkout.root / "msl_crm" / "management" / "commands" / "seed_demo.py"
    whole = seed.read_text()
    seed.write_text(whole.replace("with connection", "raise KeyboardInterrupt\n        with connection"))
    assert checkout.say("up").returncode == 1
    seed.write_text(whole)
    process, address = checkout.up("--port", "18200")
    assert page(address + "groups") == "1", "the row of the interrupted start is gone"
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 0


def test_reset_asks_first(checkout: Checkout) -> None:
    checkout.say("servers")
    refused = checkout.say("reset")
    assert refused.returncode == 1
    assert "reset --yes" in refused.stderr
    assert (state_of(checkout) / "postgres-demo/data/PG_VERSION").exists()
    assert checkout.say("reset", "--yes").returncode == 0
    assert not (state_of(checkout) / "postgres-demo").exists()


def test_an_unknown_word_shows_the_words(checkout: Checkout) -> None:
    assert checkout.say("upp").returncode == 2
    assert "dev.py up " in checkout.say("help").stdout
