#!/usr/bin/env python3
"""Makes `.venv` with the pinned dependencies: `python3 bootstrap.py [--dev]`.

Needs nothing but Python 3.11 with its standard library; uses uv if there is one. Every package
is checked against its hash. What is installed is noted in `.venv/installed`, so that a second
call does nothing and needs no network. Written so that older Pythons can at least say that
they are too old.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

NEEDED = (3, 11)
NEWER = ("python3.11", "python3.12", "python3.13", "python3.14")  # tried if `python3` is older
PROJECT = Path(__file__).resolve().parent
RUNTIME, DEVELOPMENT = "requirements.txt", "requirements-dev.txt"  # the second has all of the first


class CannotSetUp(Exception):
    """The environment cannot be made; the text tells what to do."""


def main() -> int:
    """Make or refresh `.venv`; return the exit code."""
    parser = argparse.ArgumentParser(description="Creates .venv with the pinned dependencies.")
    parser.add_argument("--dev", action="store_true", help="also what tests and checks need")
    options = parser.parse_args()
    if sys.version_info < NEEDED:
        return _try_newer()
    try:
        setup(PROJECT, DEVELOPMENT if options.dev else RUNTIME)
    except CannotSetUp as exc:
        sys.stderr.write(f"{exc}\n")
        return 1
    return 0


def setup(folder: Path, requirements: str) -> bool:
    """Install a requirements file into `folder/.venv`; False if that was done before.

    Raises CannotSetUp.
    """
    environment = folder / ".venv"
    wanted = _fingerprint(folder / requirements)
    note = environment / "installed"
    works = _works(environment)
    if works and note.exists() and wanted in note.read_text(encoding="utf-8").splitlines():
        return False
    sys.stdout.write(f"Installing {requirements} into .venv ...\n")
    sys.stdout.flush()
    if not works:
        _create(environment)
    note.unlink(missing_ok=True)  # an interrupted installation must not look finished
    _install(environment, folder / requirements)
    has = {wanted} | ({_fingerprint(folder / RUNTIME)} if requirements == DEVELOPMENT else set())
    note.write_text("\n".join(sorted(has)), encoding="utf-8")
    return True


def _try_newer() -> int:
    for name in NEWER:
        if shutil.which(name):
            os.execlp(name, name, *sys.argv)  # noqa: S606  (our own arguments)
    sys.stderr.write(f"Python 3.11 or newer is needed, and this is {sys.version.split()[0]}.\n")
    return 1


def _fingerprint(file: Path) -> str:
    return f"{file.name} {hashlib.sha256(file.read_bytes()).hexdigest()}"


def _works(environment: Path) -> bool:
    """Whether there is an environment whose Python still exists and is new enough."""
    question = f"import sys; sys.exit(sys.version_info < {NEEDED})"
    return _quietly(environment / "bin" / "python", "-c", question)


def _create(environment: Path) -> None:
    """Make an empty environment. Debian has `venv` in a package of its own, hence two ways."""
    venv = (sys.executable, "-m", "venv", "--clear", environment)
    if not _has_uv() and _quietly(*venv):
        return
    # Without a pip of its own uv fills it, or the pip of this Python.
    if _quietly(*venv, "--without-pip") and (
        _has_uv() or _quietly(sys.executable, "-m", "pip", "--version")
    ):
        return
    shutil.rmtree(environment, ignore_errors=True)
    raise CannotSetUp(
        "This Python cannot make a virtual environment. "
        "On Debian and Ubuntu: apt install python3-venv"
    )


def _install(environment: Path, requirements: Path) -> None:
    python = environment / "bin" / "python"
    common: list[str | Path] = ["--require-hashes", "--no-deps", "-r", requirements]
    if _has_uv():
        if _quietly("uv", "pip", "install", "--quiet", "--python", python, *common):
            return
        sys.stdout.write("uv did not succeed; trying pip.\n")
    pip: list[str | Path] = [python, "-m", "pip"]
    if not _quietly(*pip, "--version"):
        pip = [sys.executable, "-m", "pip", "--python", python]
    done = subprocess.run(  # noqa: S603  (commands are ours)
        [*pip, "install", "--quiet", "--disable-pip-version-check", "--no-input", *common],
        check=False,
    )
    if done.returncode != 0:
        raise CannotSetUp("The dependencies could not be installed; pip says why above.")


def _has_uv() -> bool:
    return _quietly("uv", "--version")


def _quietly(*command: str | Path) -> bool:
    """Run a command without showing what it says; return whether it succeeded."""
    try:
        done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603
    except OSError:
        return False
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
