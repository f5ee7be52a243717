"""Categories and media: what messages are made of, besides templates."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import DurationField, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.http import content_disposition_header
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from campaigns import press
from campaigns.admin import template_state
from campaigns.admin.forms import ONE_HOUR, HoursField
from campaigns.admin.pages import needs
from campaigns.models import Category, Media
from campaigns.models.media import HeaderKind
from subscribers.admin.newest import NewestFirst
from subscribers.admin.periods import PeriodFilter
from subscribers.admin.readonly import ReadOnlyAdmin

if TYPE_CHECKING:  # generic for mypy only, not while running
    CategoryBase = admin.ModelAdmin[Category]
    CategoryFields = forms.ModelForm[Category]
else:
    CategoryBase, CategoryFields = admin.ModelAdmin, forms.ModelForm

SHUT_OFF = "default-src 'none'; frame-ancestors 'none'; sandbox"
ONE_DAY = 24 * 60 * 60  # seconds; the bytes behind an id never change


class CategoryForm(CategoryFields):
    """How a category is treated."""

    class Meta:
        model = Category
        fields = "__all__"
        help_texts = {
            "is_press_review": gettext_lazy(
                "Instead of filling in fields, editors collect lines from links and feeds and put "
                "them in order. The template needs numbered values for that, such as "
                "schlagzeile_1. Templates for other numbers of lines are added by themselves; "
                "WhatsApp has to approve them, too."
            )
        }

    def clean_is_press_review(self) -> bool:
        """Refuse what has no place for lines: its page would be a dead end."""
        wanted: bool = self.cleaned_data["is_press_review"]
        if wanted and not press.line_names(self.instance.template):
            raise ValidationError(
                _("The template of this category has no numbered values, such as schlagzeile_1.")
            )
        return wanted


@admin.register(Category)
class CategoryAdmin(CategoryBase):
    """The kinds of content. IT changes how they are treated; the rest belongs to the release."""

    list_display = ["__str__", "tier", "template_state", "hours", "quiet", "in_use"]
    list_select_related = ["tier", "template"]
    ordering = ["position"]
    actions = None
    form = CategoryForm
    formfield_overrides = {DurationField: {"form_class": HoursField}}
    fields = [
        ("name_de", "name_en"),
        ("about_de", "about_en"),
        ("tier", "template"),
        ("lane", "doubt"),
        ("late_for", "useful_for"),
        ("ignores_quiet_hours", "sending_hours"),
        "stands_elsewhere",
        "is_press_review",
        "is_archived",
    ]
    readonly_fields = [
        "name_de",
        "name_en",
        "about_de",
        "about_en",
        "tier",
        "template",
        "lane",
        "doubt",
    ]

    def get_fields(self, request: HttpRequest, obj: Category | None = None) -> list[Any]:
        """Show the duration in hours to those who only look at it, too."""
        fields = list(super().get_fields(request, obj))
        if not self.has_change_permission(request, obj):
            fields[fields.index(("late_for", "useful_for"))] = ("late", "hours")
        return fields

    def get_readonly_fields(self, request: HttpRequest, obj: Category | None = None) -> list[Any]:
        """Know the hours besides the fields that belong to the release."""
        return [*super().get_readonly_fields(request, obj), "late", "hours"]

    def save_model(
        self,
        request: HttpRequest,
        obj: Category,
        form: CategoryFields,
        change: bool,  # noqa: FBT001 - Django's signature
    ) -> None:
        """Add the templates that a press review needs, and say what is to be done about them."""
        super().save_model(request, obj, form, change)
        if obj.is_press_review and "is_press_review" in form.changed_data:
            press.add_variants(obj)
            messages.info(
                request,
                _(
                    "Templates for one to ten lines are there now. Those that WhatsApp has not "
                    "approved yet can be submitted under “Templates”."
                ),
            )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse; a category comes with its template."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Category | None = None) -> bool:
        """Refuse; categories are archived."""
        return False

    @admin.display(description=gettext_lazy("useful for"), ordering="useful_for")
    def hours(self, category: Category) -> str:
        """Show how long it is of use."""
        return _("%(n)s h") % {"n": category.useful_for // ONE_HOUR}

    @admin.display(description=gettext_lazy("may begin late by"))
    def late(self, category: Category) -> str:
        """Show how late it may begin by itself."""
        return _("%(n)s h") % {"n": category.late_for // ONE_HOUR}

    @admin.display(description=gettext_lazy("template"), ordering="template__status")
    def template_state(self, category: Category) -> SafeString:
        """Say whether WhatsApp lets us send it."""
        return template_state.badge(category.template)

    @admin.display(description=gettext_lazy("also in quiet hours"), boolean=True)
    def quiet(self, category: Category) -> bool:
        """Tell whether it ignores quiet hours."""
        return category.ignores_quiet_hours

    @admin.display(description=gettext_lazy("in use"), boolean=True)
    def in_use(self, category: Category) -> bool:
        """Tell whether editors may choose it."""
        return not category.is_archived


class UploadedFilter(PeriodFilter):
    """When it was uploaded."""

    field = "created_at"


@admin.register(Media)
class MediaAdmin(ReadOnlyAdmin):
    """Pictures, videos and documents that stand above messages."""

    list_display = ["filename", "look", "alt", "kind", "megabytes", "uploaded_by", "created_at"]
    list_display_links = None
    list_filter = ["kind", UploadedFilter]
    list_select_related = ["uploaded_by"]
    search_fields = ["filename", "alt"]
    ordering = ["-created_at", "-pk"]
    list_per_page = 25
    paginator = NewestFirst
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Media]:
        """Leave the bytes in the database."""
        return Media.objects.without_content()

    def get_urls(self) -> list[URLPattern]:
        """Serve the list and the bytes; there is nothing to see on a page of its own."""
        view = self.admin_site.admin_view(self.changelist_view)
        return [
            path("", view, name="campaigns_media_changelist"),
            path("<int:pk>/content/", content, name="campaigns_media_content"),
        ]

    @admin.display(description=gettext_lazy("size"), ordering="size")
    def megabytes(self, medium: Media) -> str:
        """Show the size for people."""
        return filesizeformat(medium.size)

    @admin.display(description=gettext_lazy("preview"))
    def look(self, medium: Media) -> SafeString:
        """Show a picture small, and lead to everything else."""
        url = reverse("admin:campaigns_media_content", args=[medium.pk])
        if medium.kind == HeaderKind.IMAGE:
            return format_html('<img class="thumbnail" src="{}" alt="" loading="lazy">', url)
        return format_html('<a href="{}">{}</a>', url, _("Open"))


@needs("campaigns.view_broadcast")  # whoever sees a message sees what stands above it
@require_GET
@cache_control(private=True, max_age=ONE_DAY, immutable=True)
def content(_request: HttpRequest, pk: int) -> HttpResponse:
    """Serve the bytes of a medium; all but pictures as a file to be saved.

    Opened by itself it is shut off: whatever a browser might see in it cannot run.
    """
    medium = get_object_or_404(Media, pk=pk)
    response = HttpResponse(bytes(medium.content), content_type=medium.mime_type)
    is_picture = medium.kind == HeaderKind.IMAGE
    name = content_disposition_header(not is_picture, medium.filename)
    response.headers["Content-Disposition"] = name or "inline"
    response.headers["Content-Security-Policy"] = SHUT_OFF
    return response
