"""Pictures, films and documents for the bubbles, without Meta's five-minute addresses."""

import asyncio
from urllib.parse import quote

from aiohttp import web

from whatsapp.simulator.media import kind_of
from whatsapp.simulator.platform import Platform

HEADERS = {
    "Accept-Ranges": "bytes",
    "Cache-Control": "private, max-age=3600",  # an id never changes its content
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


class Shelf:
    """Hands out the files that the simulator keeps."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    async def show(self, request: web.Request) -> web.Response:
        """Answer with a file, or the part of it that the browser asked for (RFC 9110, 14)."""
        file = self._platform.media(request.match_info["media_id"])
        if not file:
            return web.Response(status=404)
        content = await asyncio.to_thread(self._platform.media_shelf.content, file)
        headers = HEADERS | {"Content-Type": file.mime_type}
        if kind_of(file.mime_type) == "document":
            headers["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(file.filename)}"
        return _part(request, content, headers) or web.Response(body=content, headers=headers)


def _part(request: web.Request, content: bytes, headers: dict[str, str]) -> web.Response | None:
    """Return the answer to a range that makes sense; a film cannot be wound without it."""
    if "Range" not in request.headers:
        return None
    size = len(content)
    try:
        start, end, _ = request.http_range.indices(size)
    except ValueError:
        return None  # several ranges, or none that we know: the whole file is a valid answer
    if start >= end:
        return web.Response(status=416, headers={"Content-Range": f"bytes */{size}"})
    found = {"Content-Range": f"bytes {start}-{end - 1}/{size}"}
    return web.Response(status=206, body=content[start:end], headers=headers | found)
