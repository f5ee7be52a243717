"""What a machine without configuration gives itself: secrets and ports, kept in DATA_DIR.

The demo and a developer's laptop start with an empty environment. The secrets they need are
drawn once and written to `DATA_DIR/secrets.env`; the ports that a running `manage.py up` uses
stand in `DATA_DIR/running.env`, so that a command in another terminal finds them; what the demo
wants different from a real desk stands in `DATA_DIR/demo.env`. What is set in the environment
wins. Production draws no secret: every one must be given (settings.py refuses to start).
"""

import base64
import fcntl
import os
import secrets
from pathlib import Path

from subscribers import sealed_box

DEMO_SETTINGS = "demo.env"
KEY_ID = "local"  # of the vault key that is drawn here; production refuses it


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _draw_secrets() -> dict[str, str]:
    public_key, shares = sealed_box.draw()
    return {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "VAULT_KEYS": f"{KEY_ID}:{_key()}",
        "INDEX_KEY": _key(),
        "MESSAGE_ID_KEY": _key(),
        "LEDGER_SIGNING_KEY": _key(),
        "PROOF_PUBLIC_KEY": public_key,
        # To practise with: elsewhere they lie in three envelopes, and on no machine.
        "PRACTICE_SHARES": ",".join(str(share) for share in shares),
        "WHATSAPP_ACCESS_TOKEN": secrets.token_urlsafe(24),
        "WHATSAPP_APP_SECRET": secrets.token_hex(16),
        "WHATSAPP_VERIFY_TOKEN": secrets.token_urlsafe(16),
    }


def ensure_secrets(data_dir: Path) -> Path:
    """Return the file with this machine's own secrets; write first what is missing in it.

    Two processes may come here at once, and what the first one draws counts. A newer release
    may need more secrets than an older one has drawn.
    """
    path = data_dir / "secrets.env"
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (data_dir / "secrets.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        known = dict(line.split("=", 1) for line in lines)
        wanted = _draw_secrets() | known
        if wanted != known:
            write_env(path, wanted)
    return path


def write_env(path: Path, values: dict[str, str]) -> None:
    """Write `NAME=value` lines that only the owner may read; replaces the file in one step."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.writelines(f"{name}={value}\n" for name, value in values.items())
    draft.replace(path)
