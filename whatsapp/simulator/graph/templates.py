"""`/{waba}/message_templates` and `/{template_id}`."""

import base64
import json
from typing import Any

from whatsapp.simulator.errors import GraphError, missing, unknown_object
from whatsapp.simulator.graph.calls import Answer, Call, reading_fields
from whatsapp.simulator.records import Template
from whatsapp.simulator.rules.definition import (
    CATEGORIES,
    read_components,
    read_definition,
    read_ttl,
)
from whatsapp.simulator.rules.reading import reading

PAGE = 25  # templates, unless `limit` says otherwise
LARGEST_PAGE = 250
MOST_TEMPLATES = 250  # of an account that Meta has not verified
DEFAULT_FIELDS = ["name", "parameter_format", "components", "language", "status", "category", "id"]


async def create(call: Call) -> Answer:
    catalogue = call.platform.catalogue
    definition = read_definition(call.body)
    if len(list(catalogue)) >= MOST_TEMPLATES:
        raise GraphError(100, "Template limit reached.", subcode=2388019)
    template = catalogue.create(definition)
    return {"id": template.id, "status": template.status, "category": template.category}


async def list_all(call: Call) -> Answer:
    """List templates in the order of their creation, page by page."""
    found = [template for template in call.platform.catalogue if _matches(call, template)]
    start, size = _position(call), _page_size(call)
    page = found[start : start + size]
    answer: Answer = {"data": [_view(call, template) for template in page]}
    if page:
        answer["paging"] = _paging(call, start=start, end=start + len(page), total=len(found))
    if call.query("summary"):
        answer["summary"] = {
            "total_count": len(found),
            "message_template_count": len(list(call.platform.catalogue)),
            "message_template_limit": MOST_TEMPLATES,
        }
    return answer


async def delete(call: Call) -> Answer:
    """Delete a name in all languages, or with `hsm_id` in one."""
    name, template_id = call.query("name"), call.query("hsm_id")
    if not name:
        raise missing("name")
    templates = call.platform.catalogue.named(name)
    if template_id:
        templates = [template for template in templates if template.id == template_id]
    if not templates:
        raise GraphError(100, "Message template not found.", subcode=2593002)
    call.platform.catalogue.delete(templates)
    return {"success": True}


async def show(call: Call) -> Answer:
    return _view(call, _template(call))


async def edit(call: Call) -> Answer:
    """Change components, category or time to live; a review follows."""
    template = _template(call)
    changes: dict[str, Any] = {}
    with reading(call.body) as form:
        if form.has("category"):
            changes["category"] = form.choice("category", *CATEGORIES)
            if template.status == "APPROVED" and changes["category"] != template.category:
                raise GraphError(100, "The category of an approved template is fixed.")
        if form.has("components"):
            changes["components"] = read_components(
                form, parameter_format=template.parameter_format
            )
        if form.has("message_send_ttl_seconds"):
            changes["ttl_seconds"] = read_ttl(form, changes.get("category", template.category))
    call.platform.catalogue.edit(template, **changes)
    return {
        "success": True,
        "id": template.id,
        "name": template.name,
        "category": template.category,
    }


async def unpause(call: Call) -> Answer:
    template = _template(call)
    if template.status != "PAUSED":
        raise GraphError(100, "The template is not paused.", subcode=2388039)
    call.platform.catalogue.unpause(template)
    return {"success": True}


def _template(call: Call) -> Template:
    template = call.platform.catalogue.get(call.path[0])
    if not template:
        raise unknown_object(call.path[0])
    return template


def _matches(call: Call, template: Template) -> bool:
    statuses = call.query("status")
    return (
        (not statuses or template.status in _listed(statuses))
        and call.query("name") in ("", template.name)
        and call.query("category") in ("", template.category)
        and call.query("language") in ("", template.language)
    )


def _listed(value: str) -> list[str]:
    """Read `APPROVED`, `APPROVED,PAUSED` or `["APPROVED","PAUSED"]`."""
    if not value.startswith("["):
        return value.split(",")
    try:
        return [str(item) for item in json.loads(value)]
    except ValueError as error:
        raise GraphError(100, "Param status must be a list.") from error


def _view(call: Call, template: Template) -> Answer:
    known = {
        "id": template.id,
        "name": template.name,
        "language": template.language,
        "category": template.category,
        "previous_category": template.previous_category,
        "parameter_format": template.parameter_format,
        "components": template.components,
        "status": template.status,
        "rejected_reason": template.rejected_reason,
        "quality_score": {"score": template.quality, "date": int(template.created_at)},
        "message_send_ttl_seconds": template.ttl_seconds,
    }
    return reading_fields(call, known, default=DEFAULT_FIELDS)


def _page_size(call: Call) -> int:
    limit = call.query("limit") or str(PAGE)
    if not limit.isdecimal() or not 1 <= int(limit) <= LARGEST_PAGE:
        raise GraphError(100, f"Param limit must be 1 to {LARGEST_PAGE}.")
    return int(limit)


def _position(call: Call) -> int:
    cursor = call.query("after")
    if not cursor:
        return 0
    try:
        return int(base64.urlsafe_b64decode(cursor))
    except ValueError as error:
        raise GraphError(100, "Invalid cursors values") from error


def _cursor(position: int) -> str:
    return base64.urlsafe_b64encode(str(position).encode()).decode()


def _paging(call: Call, *, start: int, end: int, total: int) -> Answer:
    paging: Answer = {"cursors": {"before": _cursor(start), "after": _cursor(end)}}
    if end < total:
        url = call.request.url.update_query(after=_cursor(end))
        paging["next"] = str(url)
    return paging
