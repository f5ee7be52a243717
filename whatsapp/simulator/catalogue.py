"""The message templates of the business and what Meta thinks of them.

Source: "Template review", "Template quality", "Template categorization" and the
webhook references in Meta's documentation.
"""

from collections.abc import Iterator
from typing import Any

from whatsapp.simulator import identifiers
from whatsapp.simulator.clock import DAY
from whatsapp.simulator.envelopes import Update
from whatsapp.simulator.errors import GraphError
from whatsapp.simulator.outbox import Outbox
from whatsapp.simulator.records import Template, TemplateStatus
from whatsapp.simulator.rules.definition import Definition, refused
from whatsapp.simulator.rules.variables import component
from whatsapp.simulator.world import World

NAME_IS_BLOCKED_FOR = 30 * DAY  # after an approved template of that name was deleted
PAUSES = 2  # low quality pauses a template so often; the next time disables it
PAUSE_TITLES = ("FIRST_PAUSE", "SECOND_PAUSE")

NAME_TAKEN, NAME_BLOCKED, NOT_EDITABLE = 2388024, 2388023, 2388039

# status -> why a template with it cannot be sent
UNSENDABLE: dict[str, tuple[int, str]] = {
    "PAUSED": (132015, "is paused because of low quality"),
    "DISABLED": (132016, "is disabled because of low quality"),
}


class Catalogue:
    """Creates, reviews and changes templates; each change of Meta's mind is a webhook."""

    def __init__(self, world: World, *, outbox: Outbox) -> None:
        self._world = world
        self._outbox = outbox

    def __iter__(self) -> Iterator[Template]:
        return (item for item in self._world.store.templates if item.status != "DELETED")

    def resume(self) -> None:
        """Go on with the reviews that were interrupted by the end of the last life."""
        for template in self:
            if template.status == "PENDING":
                self._review_later(template)

    def get(self, template_id: str) -> Template | None:
        template = self._world.store.templates.get(template_id)
        return template if template and template.status != "DELETED" else None

    def named(self, name: str) -> list[Template]:
        return [template for template in self if template.name == name]

    def sendable(self, name: str, language: str) -> Template:
        """Return the approved template. Raises GraphError."""
        found = next((item for item in self.named(name) if item.language == language), None)
        if found is None or found.status in ("PENDING", "REJECTED"):
            raise GraphError(132001, f"template name ({name}) does not exist in {language}")
        if found.status != "APPROVED":
            code, reason = UNSENDABLE[found.status]
            raise GraphError(code, f"template name ({name}) {reason}")
        return found

    def create(self, definition: Definition) -> Template:
        """Take a template into review. Raises GraphError."""
        self._check_name(definition)
        template = Template(
            id=identifiers.graph_id(),
            name=definition.name,
            language=definition.language,
            category=definition.category,
            parameter_format=definition.parameter_format,
            components=definition.components,
            created_at=self._world.now(),
            ttl_seconds=definition.ttl_seconds,
        )
        self._world.store.templates.add(template)
        self._review_later(template)
        return template

    def edit(self, template: Template, **changes: object) -> None:
        """Change a template; it is reviewed again. Raises GraphError."""
        if template.status not in ("APPROVED", "REJECTED", "PAUSED"):
            raise refused(
                NOT_EDITABLE, "Not editable", f"A template with status {template.status} is fixed."
            )
        self._world.store.templates.change(template, status="PENDING", **changes)
        self._review_later(template)

    def delete(self, templates: list[Template]) -> None:
        for template in templates:
            # Only a name that was approved is blocked afterwards.
            deleted_at = self._world.now() if template.status == "APPROVED" else None
            self._world.store.templates.change(template, status="DELETED", deleted_at=deleted_at)

    def approve(self, template: Template) -> None:
        self._judge(template, "APPROVED", rejected_reason="NONE")

    def reject(self, template: Template, *, reason: str = "INVALID_FORMAT") -> None:
        self._judge(template, "REJECTED", rejected_reason=reason)

    def pause(self, template: Template) -> None:
        """React to bad feedback: twice with a pause, then for good."""
        if template.pauses >= PAUSES:
            self.disable(template)
            return
        title = PAUSE_TITLES[template.pauses]
        self._judge(template, "PAUSED", other={"title": title}, pauses=template.pauses + 1)

    def unpause(self, template: Template) -> None:
        self._judge(template, "APPROVED", other={"title": "UNPAUSED"})

    def disable(self, template: Template) -> None:
        self._judge(template, "DISABLED", other={"title": "DISABLED"})

    def recategorise(self, template: Template, *, category: str) -> None:
        previous = template.category
        self._world.store.templates.change(template, category=category, previous_category=previous)
        item = {"previous_category": previous, "new_category": category}
        self._announce(template, "template_category_update", item)

    def rate(self, template: Template, *, quality: str) -> None:
        previous = template.quality
        self._world.store.templates.change(template, quality=quality)
        item = {"previous_quality_score": previous, "new_quality_score": quality}
        self._announce(template, "message_template_quality_update", item)

    def _check_name(self, definition: Definition) -> None:
        wanted = (definition.name, definition.language)
        for other in self._world.store.templates:
            if (other.name, other.language) != wanted:
                continue
            if other.status != "DELETED":
                raise refused(
                    NAME_TAKEN, "Name is taken", "There is already content in this language."
                )
            if other.deleted_at and self._world.now() - other.deleted_at < NAME_IS_BLOCKED_FOR:
                raise refused(NAME_BLOCKED, "Name is blocked", "This language is being deleted.")

    def _review_later(self, template: Template) -> None:
        def review() -> None:
            if template.status != "PENDING":
                return
            if self._world.settings.review == "reject" or self._is_duplicate(template):
                self.reject(template)
            else:
                self.approve(template)

        settings = self._world.settings
        if settings.review == "by_hand":
            return
        rng = self._world.dice.stream("review", template.name, template.language)
        self._world.work.after(settings.review_delay.draw(rng), review, kind="reviews")

    def _is_duplicate(self, template: Template) -> bool:
        """Meta rejects a body and footer that another template has already."""
        return any(
            other.status == "APPROVED" and _words(other) == _words(template)
            for other in self
            if other is not template
        )

    def _judge(
        self,
        template: Template,
        status: TemplateStatus,
        *,
        other: dict[str, str] | None = None,
        **changes: object,
    ) -> None:
        self._world.store.templates.change(template, status=status, **changes)
        item: dict[str, Any] = {"event": status, "reason": template.rejected_reason}
        item["message_template_category"] = template.category
        if other:
            item["other_info"] = other
        self._announce(template, "message_template_status_update", item)

    def _announce(self, template: Template, topic: str, item: dict[str, Any]) -> None:
        about = {
            "message_template_id": int(template.id),  # the only id that is a number here
            "message_template_name": template.name,
            "message_template_language": template.language,
        }
        self._outbox.put(Update(about=template.name, topic=topic, item=about | item))


def _words(template: Template) -> tuple[str, str, str]:
    parts = (component(template, kind) or {} for kind in ("BODY", "FOOTER"))
    body, footer = (part.get("text", "") for part in parts)
    return template.language, body, footer
