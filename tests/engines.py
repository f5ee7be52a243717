"""A pytest plugin: a PostgreSQL, a Valkey and a clean environment for every run.

Named by `-p tests.engines` in pyproject.toml, because it must come before pytest-django, which
reads the settings. Servers named by DATABASE_URL or REDIS_URL are used; what is not named comes
along (swe_broadcast/engines.py), in a temporary folder, and is gone afterwards. With
pytest-xdist the controller does all that, and each worker has a broker of its own;
pytest-django gives it databases of its own.
"""

import base64
import hashlib
import os
import re
import tempfile
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from swe_broadcast import engines

EXAMPLE = Path(__file__).resolve().parent.parent / ".env.example"  # names every variable
SERVERS = {"DATABASE_URL", "KEYS_DATABASE_URL", "REDIS_URL"}


def _key(fill: str) -> str:
    return base64.b64encode(hashlib.sha256(fill.encode()).digest()).decode()


# Always the same, so that a test which fails once fails again.
SECRETS = {
    "SECRET_KEY": "only for tests",
    "VAULT_KEYS": f"test:{_key('v')}",
    "INDEX_KEY": _key("i"),
    "MESSAGE_ID_KEY": _key("m"),
    "LEDGER_SIGNING_KEY": _key("l"),
    "PROOF_PUBLIC_KEY": _key("p"),  # any 32 bytes are one; nobody has its private half
    "WHATSAPP_ACCESS_TOKEN": "test-access-token",
    "WHATSAPP_APP_SECRET": "test-app-secret",
    "WHATSAPP_VERIFY_TOKEN": "test-verify-token",
}


@pytest.hookimpl(wrapper=True)  # wrappers come first, hence before pytest-django
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    """Prepare the environment that settings.py will read."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    running = ExitStack()
    early_config.add_cleanup(running.close)
    try:
        if not early_config.known_args_namespace.version:
            running.enter_context(_engines() if worker is None else _broker_of(worker))
    except engines.EnginesUnavailable as exc:
        raise pytest.UsageError(f"The tests need servers: {exc}") from exc
    return (yield)


@contextmanager
def _engines() -> Iterator[None]:
    """Have the servers running, and the environment describe them and nothing else."""
    _forget_settings()
    with tempfile.TemporaryDirectory(
        prefix="swe-broadcast-tests-", ignore_cleanup_errors=True
    ) as folder:
        data_dir = Path(folder)
        needed = engines.needed()
        with engines.use(data_dir, servers=needed, durable=False, grace=0) as where:
            os.environ.update(SECRETS, DATA_DIR=folder, ENV_FILE=os.devnull)
            os.environ.setdefault("DATABASE_URL", where.database_url("swe_broadcast"))
            os.environ.setdefault("REDIS_URL", where.redis_url)
            yield
        if needed:
            engines.wait_until_ended(data_dir)


def _forget_settings() -> None:
    """Remove what the developer's own desk is configured with, but for the servers."""
    text = EXAMPLE.read_text(encoding="utf-8")
    names = set(re.findall(r"^#?([A-Z_]+)=", text, flags=re.MULTILINE))
    for name in (names | {"DJANGO_SETTINGS_MODULE"}) - SERVERS:
        os.environ.pop(name, None)
    for name in SERVERS:
        if not os.environ.get(name):  # set, but empty: the same as unset
            os.environ.pop(name, None)


@contextmanager
def _broker_of(worker: str) -> Iterator[None]:
    """Have a broker that the other workers of pytest-xdist do not use."""
    url = urlsplit(os.environ["REDIS_URL"])
    if url.scheme != "redis+socket":  # given: one of the 16 databases that a server has
        os.environ["REDIS_URL"] = url._replace(path=worker.removeprefix("gw")).geturl()
        yield
        return
    data_dir = Path(os.environ["DATA_DIR"]) / worker
    with engines.use(data_dir, servers=["valkey"], durable=False, grace=0) as where:
        os.environ["REDIS_URL"] = where.redis_url
        yield
    engines.wait_until_ended(data_dir)
