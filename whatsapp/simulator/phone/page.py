"""The page and its files. Nothing in them comes from anywhere else."""

from pathlib import Path

from aiohttp import web

FOLDER = Path(__file__).parent / "static"
TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
FILES = {path.name: path for path in FOLDER.iterdir() if path.suffix in TYPES}

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "media-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",  # may be kept, but not used without asking
}


async def redirect(_request: web.Request) -> web.Response:
    """Lead whoever forgot the slash to the page."""
    return web.Response(status=308, headers={"Location": "/phone/"})


async def show(_request: web.Request) -> web.StreamResponse:
    """Answer with the page itself."""
    return _file("page.html")


async def static(request: web.Request) -> web.StreamResponse:
    """Answer with the stylesheet, a script or a drawing."""
    name = request.match_info["name"]
    return _file(name) if name in FILES else web.Response(status=404)


def _file(name: str) -> web.FileResponse:
    path = FILES[name]
    mime_type = f"{TYPES[path.suffix]}; charset=utf-8"
    return web.FileResponse(path, headers=HEADERS | {"Content-Type": mime_type})
