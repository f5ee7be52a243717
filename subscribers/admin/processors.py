"""The register of companies that handle our data for us."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from subscribers.models import Processor

if TYPE_CHECKING:  # generic for mypy only, not while running
    ProcessorBase = admin.ModelAdmin[Processor]
    ProcessorFields = forms.ModelForm[Processor]
else:
    ProcessorBase, ProcessorFields = admin.ModelAdmin, forms.ModelForm

MAX_BYTES = 5 * 1024 * 1024  # of a contract; it lies in the database
PDF = b"%PDF-"


class ProcessorForm(ProcessorFields):
    """A processor, and a contract to be archived with it."""

    contract = forms.FileField(
        label=_("contract (PDF)"),
        required=False,
        help_text=_("At most 5 MB. It replaces the one archived before."),
    )

    def clean_contract(self) -> UploadedFile | None:
        """Take a PDF only; raises ValidationError."""
        upload: UploadedFile | None = self.cleaned_data["contract"]
        if upload and ((upload.size or 0) > MAX_BYTES or not upload.read(len(PDF)) == PDF):
            raise ValidationError(_("Please choose a PDF of at most 5 MB."))
        return upload


@admin.register(Processor)
class ProcessorAdmin(ProcessorBase):
    """Who they are, what allows it, and when somebody is to look at it again."""

    form = ProcessorForm
    list_display = ["name", "role", "country", "transfer", "checked_on", "review", "archived"]
    list_filter = ["role"]
    ordering = ["name"]
    actions = None
    fields = [
        "name",
        "duty",
        ("role", "country"),
        ("contract_on", "transfer"),
        ("checked_on", "review_on"),
        "ended_on",
        ("contract", "archived"),
    ]
    readonly_fields = ["archived"]

    def get_urls(self) -> list[URLPattern]:
        """Add the archived contract."""
        view = self.admin_site.admin_view(self.terms)
        name = "subscribers_processor_terms"
        return [path("<int:pk>/contract.pdf", view, name=name), *super().get_urls()]

    def has_delete_permission(self, request: HttpRequest, obj: Processor | None = None) -> bool:
        """Refuse: a contract ends, and its row stays."""
        return False

    def save_model(
        self,
        request: HttpRequest,
        obj: Processor,
        form: Any,
        change: bool,  # noqa: FBT001 - Django's signature
    ) -> None:
        """Archive an uploaded contract with the row."""
        if upload := form.cleaned_data.get("contract"):
            upload.seek(0)
            obj.terms, obj.terms_name = upload.read(), upload.name[:120]
        super().save_model(request, obj, form, change)

    def terms(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Hand out the archived contract; raises PermissionDenied or Http404."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = Processor.objects.filter(pk=pk, terms__isnull=False).first()
        if found is None:
            raise Http404
        # An attachment: a PDF from elsewhere is never shown under our address.
        headers = {"Content-Disposition": f'attachment; filename="contract-{pk}.pdf"'}
        assert found.terms is not None
        return HttpResponse(bytes(found.terms), content_type="application/pdf", headers=headers)

    @admin.display(description=_("next review"), ordering="review_on")
    def review(self, processor: Processor) -> Any:
        """Show the day, marked if it has passed."""
        day = processor.review_on
        if day is None or processor.ended_on or day >= timezone.localdate():
            return day
        return format_html('{} <span class="badge badge-missed">{}</span>', day, _("overdue"))

    @admin.display(description=_("archived contract"))
    def archived(self, processor: Processor) -> Any:
        """Link to the archived contract, if there is one."""
        if not processor.terms_name:
            return "–"
        url = reverse("admin:subscribers_processor_terms", args=[processor.pk])
        return format_html('<a href="{}">{}</a>', url, processor.terms_name)
