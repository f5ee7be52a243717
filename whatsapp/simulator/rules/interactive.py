"""Interactive messages: reply buttons and lists.

Source of the limits: "Interactive messages" in Meta's Cloud API documentation
and the InteractiveObject of Meta's OpenAPI file.
"""

from collections.abc import Callable

from whatsapp.simulator.errors import GraphError, invalid
from whatsapp.simulator.records import Attachment, Button, Content, Menu, Section
from whatsapp.simulator.rules.reading import Reader

BUTTONS = 3
BUTTON_TITLE = 20  # characters, as everything below that is not a count
BUTTON_ID = 256
BUTTON_BODY = 1024
LIST_BODY = 4096
LIST_BUTTON = 20
SECTIONS = 10
ROWS = 10  # in all sections together
SECTION_TITLE = 24
ROW_ID = 200
ROW_TITLE = 24
ROW_DESCRIPTION = 72
HEADER = 60
FOOTER = 60

Attach = Callable[[Reader, str], Attachment]


def read_interactive(part: Reader, *, attach: Attach) -> Content:
    """Return what the phone shows. Raises GraphError."""
    kind = part.text("type", most=64)
    if kind not in ("button", "list"):
        raise GraphError(131051, f"Interactive type {kind} is not supported by the simulator.")
    content = Content()
    if part.has("header"):
        _read_header(part, content, kind=kind, attach=attach)
    with part.object("body") as body:
        content["text"] = body.text("text", most=BUTTON_BODY if kind == "button" else LIST_BODY)
    if part.has("footer"):
        with part.object("footer") as footer:
            content["footer"] = footer.text("text", most=FOOTER)
    with part.object("action") as action:
        if kind == "button":
            content["buttons"] = _read_buttons(action)
        else:
            content["menu"] = _read_menu(action)
    return content


def _read_header(part: Reader, content: Content, *, kind: str, attach: Attach) -> None:
    kinds = ["text"] if kind == "list" else ["text", "image", "video", "document"]
    with part.object("header") as header:
        form = header.choice("type", *kinds)
        if form == "text":
            content["header"] = header.text("text", most=HEADER)
        else:
            with header.object(form) as media:
                content["media"] = attach(media, form)


def _read_buttons(action: Reader) -> list[Button]:
    buttons = []
    for entry in action.objects("buttons", most=BUTTONS):
        entry.choice("type", "reply")
        with entry.object("reply") as reply:
            button_id = reply.text("id", most=BUTTON_ID)
            title = reply.text("title", most=BUTTON_TITLE)
            buttons.append(Button(kind="reply", id=button_id, title=title))
    _require_distinct(buttons, "id")
    _require_distinct(buttons, "title")
    return buttons


def _read_menu(action: Reader) -> Menu:
    button = action.text("button", most=LIST_BUTTON)
    sections = [_read_section(entry) for entry in action.objects("sections", most=SECTIONS)]
    rows = [row for section in sections for row in section["rows"]]
    if len(rows) > ROWS:
        raise invalid(action.name("sections"), f"must have at most {ROWS} rows in total")
    if len(sections) > 1 and not all(section["title"] for section in sections):
        raise invalid(action.name("sections"), "need a title each if there are several")
    _require_distinct(rows, "id")
    return Menu(button=button, sections=sections)


def _read_section(entry: Reader) -> Section:
    title = entry.optional_text("title", most=SECTION_TITLE)
    return Section(title=title, rows=[_read_row(row) for row in entry.objects("rows", most=ROWS)])


def _read_row(row: Reader) -> Button:
    return Button(
        kind="reply",
        id=row.text("id", most=ROW_ID),
        title=row.text("title", most=ROW_TITLE),
        description=row.optional_text("description", most=ROW_DESCRIPTION),
    )


def _require_distinct(buttons: list[Button], key: str) -> None:
    values = [button.get(key) for button in buttons]
    if len(set(values)) < len(values):
        raise invalid("interactive['action']", f"must not use the same {key} twice")
