"""Answering with a document: as a page that prints well, or as a PDF (?format=pdf)."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from campaigns.admin.pages import show
from campaigns.admin.paper import Document, pdf


def answer(
    request: HttpRequest, document: Document, *, name: str, title: str = "", language: str = ""
) -> HttpResponse:
    """Show a document, or hand it out as NAME-DAY.pdf.

    A document in a language of its own names it, and has a title in that of the reader.
    """
    if request.GET.get("format") != "pdf":
        shown = {"document": document, "language": language}
        return show(request, "desk/document.html", title=title or document.title, **shown)
    file_name = f"{name}-{timezone.localdate():%Y-%m-%d}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{file_name}"'}
    return HttpResponse(pdf(document), content_type="application/pdf", headers=headers)
