"""Files: what Meta takes, how long it keeps them, where they can be fetched.

Source: "Media" in Meta's Cloud API documentation. The kind of a file is judged
by its content; a name or a declared type is only a claim.
"""

import hashlib
import secrets
from dataclasses import dataclass
from pathlib import Path

from whatsapp.simulator import identifiers
from whatsapp.simulator.clock import DAY, Moment
from whatsapp.simulator.errors import GraphError
from whatsapp.simulator.records import MediaFile
from whatsapp.simulator.world import World

UPLOAD_LIVES = 30 * DAY
INBOUND_LIVES = 7 * DAY  # what a person sent us
ADDRESS_LIVES = 5 * 60  # seconds; then the client has to ask for a new one
MEGABYTE = 1024 * 1024

OFFICE = (
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
)
OLD_OFFICE = ("application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint")

# kind -> its types, most bytes
KINDS: dict[str, tuple[tuple[str, ...], int]] = {
    "image": (("image/jpeg", "image/png"), 5 * MEGABYTE),
    "video": (("video/mp4", "video/3gpp"), 16 * MEGABYTE),
    "audio": (("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"), 16 * MEGABYTE),
    "document": (("text/plain", "application/pdf", *OFFICE, *OLD_OFFICE), 100 * MEGABYTE),
    "sticker": (("image/webp",), 500 * 1024),
}
LARGEST = max(most for _, most in KINDS.values())


@dataclass(frozen=True)
class Address:
    """A place to fetch a file from, for a short time."""

    media_id: str
    expires_at: Moment


class MediaShelf:
    """Keeps files in a folder and what is known about them in memory."""

    def __init__(self, world: World, *, folder: Path) -> None:
        self._world = world
        self._folder = folder
        self._addresses: dict[str, Address] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def clear(self) -> None:
        self._addresses.clear()
        for path in self._folder.iterdir():
            path.unlink()

    def get(self, media_id: str) -> MediaFile | None:
        """Return what is known about a file, unless it is too old by now."""
        file = self._world.store.media.get(media_id)
        if not file or file.deleted or file.expires_at <= self._world.now():
            return None
        return file

    def content(self, file: MediaFile) -> bytes:
        return self._path(file.id).read_bytes()

    def add(
        self, content: bytes, *, declared: str, filename: str, lives: float = UPLOAD_LIVES
    ) -> MediaFile:
        """Keep a file. Raises GraphError if its type or size is not welcome."""
        mime_type = declared.split(";")[0].strip().lower()
        check(content, mime_type=mime_type)
        file = MediaFile(
            id=identifiers.graph_id(),
            mime_type=mime_type,
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            expires_at=self._world.now() + lives,
            filename=filename,
        )
        self._path(file.id).write_bytes(content)
        return self._world.store.media.add(file)

    def delete(self, file: MediaFile) -> None:
        self._world.store.media.change(file, deleted=True)
        self._path(file.id).unlink(missing_ok=True)

    def open_address(self, file: MediaFile) -> str:
        """Return a key under which the file can be fetched for five minutes."""
        key = secrets.token_urlsafe(24)
        self._addresses[key] = Address(file.id, self._world.now() + ADDRESS_LIVES)
        return key

    def at_address(self, key: str) -> MediaFile | None:
        address = self._addresses.get(key)
        if not address or address.expires_at <= self._world.now():
            return None
        return self.get(address.media_id)

    def _path(self, media_id: str) -> Path:
        return self._folder / media_id


def kind_of(mime_type: str) -> str | None:
    return next((kind for kind, (types, _) in KINDS.items() if mime_type in types), None)


def check(content: bytes, *, mime_type: str) -> None:
    """Refuse what Meta would not take. Raises GraphError."""
    kind = kind_of(mime_type)
    if not kind:
        raise GraphError(100, f"Param file must not be of type {mime_type or 'unknown'}.")
    most = KINDS[kind][1]
    if not 0 < len(content) <= most:
        raise GraphError(131053, f"A file of type {kind} must have 1 to {most} bytes.")
    if not looks_like(content, mime_type):
        raise GraphError(131053, f"The content of the file is not {mime_type}.")


def looks_like(content: bytes, mime_type: str) -> bool:
    """Whether the first bytes are those of a file of this type."""
    if mime_type == "text/plain":
        return _is_text(content)
    if mime_type == "image/webp":
        return content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    if mime_type in ("video/mp4", "video/3gpp", "audio/mp4"):
        return content[4:8] == b"ftyp"
    return content.startswith(_BEGINNINGS[mime_type])


_BEGINNINGS: dict[str, tuple[bytes, ...]] = {
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "audio/aac": (b"\xff\xf1", b"\xff\xf9"),
    "audio/amr": (b"#!AMR",),
    "audio/mpeg": (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"),
    "audio/ogg": (b"OggS",),
    "application/pdf": (b"%PDF-",),
    **dict.fromkeys(OFFICE, (b"PK\x03\x04",)),
    **dict.fromkeys(OLD_OFFICE, (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",)),
}


def _is_text(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"\x00" not in content
