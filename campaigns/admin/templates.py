"""Templates: the list, a page for each, and the buttons that ask WhatsApp."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from campaigns import template_writing, templates_sync
from campaigns.admin import bubble, template_asking, template_form, template_state
from campaigns.admin.navigation import user_of
from campaigns.admin.pages import needs
from campaigns.models import Category, ForeignTemplate, MessageTemplate, TemplateEvent
from campaigns.template_writing import NotPossible
from subscribers.admin.readonly import ReadOnlyAdmin

NAME = "campaigns_messagetemplate"
LIST = f"admin:{NAME}_changelist"
PAGE = f"admin:{NAME}_change"
FOREIGN = 100  # lines on the page; an account has up to 6,000 templates


@admin.register(MessageTemplate)
class MessageTemplateAdmin(ReadOnlyAdmin):
    """The texts that WhatsApp approves, and what it says about them."""

    list_display = ["name", "language", "used_for", "status_badge", "purpose", "quality_word"]
    list_filter = ["status", "purpose", "language"]
    search_fields = ["name", "body"]
    ordering = ["name", "language"]
    change_list_template = "desk/templates.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[MessageTemplate]:
        """Find category and day of deletion in the same query."""
        ours = OuterRef("pk")
        using = Category.objects.filter(
            Q(template=ours) | Q(reading_template=ours) | Q(template__variants=ours)
        )
        name = "name_de" if (get_language() or "de").startswith("de") else "name_en"
        rows: QuerySet[MessageTemplate] = super().get_queryset(request)
        told = TemplateEvent.objects.filter(template=ours, what=TemplateEvent.What.STATUS)
        gone = told.filter(after=MessageTemplate.Status.DELETED).order_by("-at")
        return rows.annotate(
            used_for=Subquery(using.order_by("position").values(name)[:1]),
            gone_at=Subquery(gone.values("at")[:1]),
        )

    def get_urls(self) -> list[Any]:
        """Add the pages for writing, and the buttons."""
        return [
            path("push/", push, name=f"{NAME}_push"),
            path("sync/", sync, name=f"{NAME}_sync"),
            path("add/", template_form.add, name=f"{NAME}_add"),
            path("preview/", template_form.preview, name=f"{NAME}_preview"),
            path("<int:pk>/edit/", template_form.edit, name=f"{NAME}_edit"),
            path("<int:pk>/submit/", submit, name=f"{NAME}_submit"),
            path("<int:pk>/use/", put_to_use, name=f"{NAME}_use"),
            path("<int:pk>/seen/", seen, name=f"{NAME}_seen"),
            path("<int:pk>/discard/", discard, name=f"{NAME}_discard"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Say when was last compared, and what only WhatsApp knows."""
        foreign = ForeignTemplate.objects.order_by("name", "language")
        context = {
            "compared_at": templates_sync.compared_at(),
            "foreign": foreign[:FOREIGN],
            "foreign_more": max(0, foreign.count() - FOREIGN),
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show one template: how it stands, what can be done, what became of it."""
        template = self.row(request, object_id)
        now = timezone.now()
        examples = {value["name"]: value["example"] for value in template.values}
        return self.page(
            request,
            "desk/template.html",
            title=str(template),
            ours=template,
            status=template_state.badge(template),
            quality=template_state.quality(template),
            rejection=template_state.rejection(template),
            dearer=template_state.dearer(template, now=now),
            used_by=template_state.used_by(template),
            history=template_state.history(template),
            is_changeable=template_writing.is_changeable(template),
            can_submit=template.status in templates_sync.TO_SUBMIT,
            obstacle=_obstacle(template),
            is_alarming=templates_sync.is_alarming(template),
            bubble=bubble.of_values(template, examples, media=None),
        )

    @admin.display(description=gettext_lazy("category"), empty_value="–")
    def used_for(self, template: Any) -> str | None:
        """Name the category that sends by it."""
        name: str | None = template.used_for
        return name

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def status_badge(self, template: MessageTemplate) -> SafeString:
        """Show Meta's word on it in colour, with the reason of a rejection."""
        return template_state.badge(template)

    @admin.display(description=gettext_lazy("quality"), ordering="quality")
    def quality_word(self, template: MessageTemplate) -> str:
        """Say the quality in the reader's language."""
        return template_state.quality(template)


@needs("campaigns.sync_messagetemplate")
@require_POST
def push(request: HttpRequest) -> HttpResponse:
    """Submit what WhatsApp does not have yet."""
    template_asking.push(request)
    return redirect(LIST)


@needs("campaigns.sync_messagetemplate")
@require_POST
def sync(request: HttpRequest) -> HttpResponse:
    """Compare now, and go back to where the button was."""
    template_asking.compare(request)
    pk = request.POST.get("template", "")
    return redirect(PAGE, int(pk)) if pk.isdecimal() else redirect(LIST)


@needs("campaigns.sync_messagetemplate")
@require_POST
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand one template in."""
    template_asking.submit(request, get_object_or_404(MessageTemplate, pk=pk))
    return redirect(PAGE, pk)


@needs("campaigns.change_category")
@require_POST
def put_to_use(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the category for which it was written use it."""
    template = get_object_or_404(MessageTemplate, pk=pk)
    try:
        category = template_writing.put_to_use(template, by=user_of(request), now=timezone.now())
    except NotPossible as refusal:
        messages.error(request, str(refusal))
    else:
        words = _("“%(category)s” uses this template from now on. What is written keeps its own.")
        messages.success(request, words % {"category": category})
    return redirect(PAGE, pk)


@needs("campaigns.sync_messagetemplate")
@require_POST
def seen(request: HttpRequest, pk: int) -> HttpResponse:
    """Close the alarm about a dearer template; the page goes on saying so."""
    template = get_object_or_404(MessageTemplate, pk=pk)
    templates_sync.acknowledge(template, now=timezone.now())
    messages.success(request, _("Noted. The alarm is closed."))
    return redirect(PAGE, pk)


@needs("campaigns.add_messagetemplate")
@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw away what nobody has submitted."""
    try:
        template_writing.discard(get_object_or_404(MessageTemplate, pk=pk))
    except NotPossible as refusal:
        messages.error(request, str(refusal))
        return redirect(PAGE, pk)
    messages.success(request, _("Thrown away."))
    return redirect(LIST)


def _obstacle(template: MessageTemplate) -> str | None:
    """Say why the category for which it was written cannot use it yet, "" if it can; None if it
    does already, or there is none."""
    category = template.meant_for
    if category is None or template.pk in (category.template_id, category.reading_template_id):
        return None
    return template_writing.obstacle(template, category)
