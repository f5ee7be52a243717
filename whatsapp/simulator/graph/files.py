"""Media of messages, and the samples that template headers need."""

import base64
import secrets
from dataclasses import dataclass

from aiohttp import BodyPartReader, web

from whatsapp.simulator.errors import GraphError, missing, unknown_object
from whatsapp.simulator.graph.calls import Answer, Call
from whatsapp.simulator.media import LARGEST, looks_like
from whatsapp.simulator.records import MediaFile
from whatsapp.simulator.rules.outgoing import check_product

FIELD = 1024  # bytes that a form field other than the file may have
CHUNK = 64 * 1024  # bytes read at a time
SAMPLE_TYPES = ("application/pdf", "image/jpeg", "image/jpg", "image/png", "video/mp4")


@dataclass
class Form:
    """A multipart upload, taken apart."""

    fields: dict[str, str]
    content: bytes | None = None
    filename: str = ""
    mime_type: str = ""


async def upload(call: Call) -> Answer:
    """Keep a file for thirty days."""
    call.check_owner(call.platform.world.account.phone_number_id)
    form = await _read_form(call.request)
    check_product(dict(form.fields))
    if form.content is None:
        raise missing("file")
    declared = form.fields.get("type") or form.mime_type
    file = call.platform.media_shelf.add(form.content, declared=declared, filename=form.filename)
    return {"id": file.id}


async def show(call: Call) -> Answer:
    """Return where the file can be fetched during the next five minutes."""
    file = _file(call)
    key = call.platform.media_shelf.open_address(file)
    return {
        "messaging_product": "whatsapp",
        "url": f"{call.origin}/whatsapp_business/attachments/?mid={file.id}&hash={key}",
        "mime_type": file.mime_type,
        "sha256": file.sha256,
        "file_size": file.size,
        "id": file.id,
    }


async def delete(call: Call) -> Answer:
    call.platform.media_shelf.delete(_file(call))
    return {"success": True}


async def download(call: Call) -> web.Response:
    """Hand out a file at an address that `show` gave away."""
    call.check_token()
    file = call.platform.media_shelf.at_address(call.query("hash"))
    if not file or file.id != call.query("mid"):
        return web.Response(status=404)
    return web.Response(body=call.platform.media_shelf.content(file), content_type=file.mime_type)


async def begin_sample(call: Call) -> Answer:
    """Open a session of the Resumable Upload API, the way to a `header_handle`."""
    if call.query("file_type") not in SAMPLE_TYPES:
        raise GraphError(100, f"Param file_type must be one of {', '.join(SAMPLE_TYPES)}.")
    if not call.query("file_length").isdecimal():
        raise missing("file_length")
    about = f"{call.query('file_type')} {call.query('file_length')}"
    return {"id": f"upload:{base64.urlsafe_b64encode(about.encode()).decode()}"}


async def finish_sample(call: Call) -> Answer:
    """Take the bytes of a sample and return its handle."""
    session = call.path[0].removeprefix("upload:")
    try:
        mime_type, _, length = base64.urlsafe_b64decode(session).decode().partition(" ")
    except ValueError as error:
        raise unknown_object(call.path[0]) from error
    if call.request.headers.get("file_offset") != "0":
        raise GraphError(100, "Header file_offset must be 0.")
    content = await call.request.read()
    genuine = looks_like(content, mime_type.replace("image/jpg", "image/jpeg"))
    if str(len(content)) != length or not genuine:
        raise GraphError(100, "The uploaded bytes are not the announced file.")
    return {"h": f"4:{secrets.token_urlsafe(48)}"}


def _file(call: Call) -> MediaFile:
    file = call.platform.media_shelf.get(call.path[0])
    if not file:
        raise unknown_object(call.path[0])
    return file


async def _read_form(request: web.Request) -> Form:
    form = Form(fields={})
    if request.content_type != "multipart/form-data":
        return form
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        if part.name == "file":
            form.content = await _read_part(part, most=LARGEST + 1)
            form.filename = part.filename or ""
            form.mime_type = part.headers.get("Content-Type", "")
        else:
            form.fields[part.name or ""] = (await _read_part(part, most=FIELD)).decode()
    return form


async def _read_part(part: BodyPartReader, *, most: int) -> bytes:
    """Read a part, but keep no more than `most` bytes of it."""
    content = bytearray()
    while chunk := await part.read_chunk(CHUNK):
        content += chunk[: most - len(content)]
    return bytes(content)
