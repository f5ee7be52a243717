"""Where secrets come from: systemd's credentials, files, or the environment, in this order.

A credential that systemd decrypts for one service (`LoadCredentialEncrypted=vault_keys:...`) is
the best of the three: no other process can read it. A file is next. The environment is
inherited by children and shows in crash dumps; it is for laptops.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Credentials:
    """Looks secrets up by name, and remembers which file each came from."""

    environment: Mapping[str, str] = field(repr=False)
    files: dict[str, Path] = field(default_factory=dict, init=False)

    def get(self, name: str) -> str:
        """Return a secret, or nothing. Raises OSError for a file that cannot be read."""
        path = self._file(name)
        if path is None:
            return self.environment.get(name, "")
        self.files[name] = path
        return path.read_text(encoding="utf-8").strip()

    def _file(self, name: str) -> Path | None:
        """`VAULT_KEYS` is the credential `vault_keys`, or the file that VAULT_KEYS_FILE names."""
        folder = self.environment.get("CREDENTIALS_DIRECTORY")
        if folder and (credential := Path(folder) / name.lower()).is_file():
            return credential
        named = self.environment.get(f"{name}_FILE")
        return Path(named) if named else None
