"""The words of dev.py: each takes its arguments and returns an exit code."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from devtools import application, checks, supervisor
from devtools.console import Failure, say, step
from devtools.environment import TO_CHECK, TO_RUN, clean_environment, install
from devtools.places import ROOT, socket_folder, state_folder
from devtools.processes import end_groups, locked
from devtools.services import DEMO, TEST, Services

LOCKED_FILES = ("requirements", "requirements-local", "requirements-dev")


def up(arguments: list[str]) -> int:
    """Sets up what is missing and runs the product until Ctrl-C."""
    wanted = int(arguments[1]) if arguments[:1] == ["--port"] and arguments[1:] else 8000
    if found := supervisor.running():
        say(f"  It is already up: http://127.0.0.1:{found[2]}/ (`python3 dev.py stop` ends it)")
        return 0
    busy = "Another `dev.py up` of this checkout is starting or running."
    with locked(
        state_folder() / "up.lock", wait=False, otherwise=busy, remedy="`python3 dev.py stop` ends it."
    ):
        set_up(TO_RUN)
        supervisor.clean_up_after_a_crash()
        with servers(DEMO):
            set_up_files(DEMO)
            application.prepare_data()
            port = supervisor.free_port(wanted)
            supervisor.Supervisor(port).run(lambda: greeting(port))
    return 0


def greeting(port: int) -> str:
    lines = ["", f"  MSL CRM is up: http://127.0.0.1:{port}/", ""]
    if sign_ins := application.sign_ins():
        lines += [f"  {line}" for line in sign_ins.splitlines()] + [""]
    return "\n".join(
        [*lines, f"  Logs: {state_folder() / 'logs'}", "  Ctrl-C stops all of it. Data is kept.", ""]
    )


def test(arguments: list[str]) -> int:
    """Every check and test; with arguments, pytest alone."""
    with ready_to_test():
        return checks.run_pytest(arguments) if arguments else checks.run_everything()


def check(arguments: list[str]) -> int:
    with ready_to_test():
        return checks.run_only_checks()


def e2e(arguments: list[str]) -> int:
    with ready_to_test():
        return checks.run_only_browser_tests(arguments)


def bench(arguments: list[str]) -> int:
    """The pages timed beside hand-written SQL, in databases of their own on the test servers."""
    with ready_to_test():
        return application.hand_over(TEST, "bench", *arguments)


def long(arguments: list[str]) -> int:
    with ready_to_test():
        return checks.run_folder("tests/long", arguments)


def screens(arguments: list[str]) -> int:
    """Pictures of every screen in both widths, themes and languages, in the ignored folder `screens/`."""
    with ready_to_test():
        return checks.take_pictures(arguments)


def mutants(arguments: list[str]) -> int:
    """Small wrong changes to the policy or the verifier, each of which the tests must notice. Needs no servers."""
    set_up(TO_CHECK)
    python = str(Path(ROOT, ".venv", "bin", "python"))
    return subprocess.run([python, "-m", "devtools.mutants", *arguments], cwd=ROOT, check=False).returncode


def seed(arguments: list[str]) -> int:
    return manage(["seed_demo", *arguments])


def manage(arguments: list[str]) -> int:
    """A management command on the demo's data, whether the demo is up or not."""
    set_up(TO_RUN)
    with servers(DEMO):
        return application.hand_over(DEMO, *arguments)


def start_servers(arguments: list[str]) -> int:
    """Both pairs of servers, left running until `stop`."""
    set_up(TO_RUN)
    keep_marker().touch()
    for services in (DEMO, TEST):
        with step(f"Starting the {services.name} servers"):
            services.start()
        for name, value in services.addresses().items():
            say(f"export {name}='{value}'")
    return 0


def stop(arguments: list[str]) -> int:
    """Ends a running `up`, what a killed one left behind, and the servers."""
    if found := supervisor.running():
        pid, began, _ = found
        with step("Stopping dev.py up"):
            os.kill(pid, signal.SIGTERM)
            if not supervisor.gone(pid, began, 20):
                end_groups({pid: began}, ROOT)
    supervisor.clean_up_after_a_crash()
    keep_marker().unlink(missing_ok=True)
    with step("Stopping the servers"):
        for services in (DEMO, TEST):
            services.stop()
    return 0


def reset(arguments: list[str]) -> int:
    """Throws away data, logs and sockets. The environment stays."""
    if "--yes" not in arguments:
        if not sys.stdin.isatty():
            raise Failure("This throws away the local data.", "Say so: python3 dev.py reset --yes")
        if input("  This throws away the demo's data. Go on? [y/N] ").strip().lower() not in ("y", "yes"):
            return 1
    stop([])
    sockets, state = socket_folder(), state_folder()
    shutil.rmtree(sockets)
    shutil.rmtree(state)
    say("  The local data is gone. `python3 dev.py up` starts afresh.")
    return 0


def lock(arguments: list[str]) -> int:
    """Turns requirements*.in into exact pins with hashes; `--upgrade` takes newer releases in."""
    uv = shutil.which("uv") or str(Path(ROOT, ".venv", "bin", "uv"))
    if not Path(uv).exists():
        raise Failure("Pinning packages needs uv.", "Install it, for example: pipx install uv")
    for name in LOCKED_FILES:
        command = [
            uv,
            "pip",
            "compile",
            "--quiet",
            "--universal",
            "--python-version",
            "3.11",
            "--generate-hashes",
        ]
        command += ["--no-emit-index-url", "--no-header", *arguments, f"{name}.in", "-o", f"{name}.txt"]
        with step(f"Pinning {name}.txt"):
            if subprocess.run(command, cwd=ROOT, env=clean_environment(), check=False).returncode:
                raise Failure(f"{name}.in cannot be resolved.", "uv said why above.")
    return 0


def set_up(files: tuple[str, ...]) -> None:
    """Environment and packages, by one process at a time: `up` and `test` share them."""
    with locked(state_folder() / "setup.lock"):
        install(files)


def set_up_files(services: Services) -> None:
    with locked(state_folder() / "setup.lock"):
        application.prepare_files(services)


@contextmanager
def servers(services: Services) -> Iterator[None]:
    """The servers for the time of the block; those that ran before, or were asked to stay, stay."""
    stay = keep_marker().exists() or supervisor.running() is not None
    try:
        with step(f"Starting PostgreSQL and Valkey ({services.name})"):
            services.start()
        yield
    finally:
        if not stay and not keep_marker().exists():
            with step(f"Stopping PostgreSQL and Valkey ({services.name})"):
                services.stop()


@contextmanager
def ready_to_test() -> Iterator[None]:
    """Packages, front-end files and the test servers, held by one run at a time."""
    busy = "Another test run of this checkout is under way."
    with locked(state_folder() / "test.lock", wait=False, otherwise=busy, remedy="Wait for its end."):
        set_up(TO_CHECK)
        with servers(TEST):
            set_up_files(TEST)
            yield


def keep_marker() -> Path:
    return state_folder() / "servers.keep"


WORDS: dict[str, Callable[[list[str]], int]] = {
    "up": up,
    "test": test,
    "check": check,
    "e2e": e2e,
    "bench": bench,
    "long": long,
    "screens": screens,
    "mutants": mutants,
    "seed": seed,
    "manage": manage,
    "servers": start_servers,
    "stop": stop,
    "reset": reset,
    "lock": lock,
}
