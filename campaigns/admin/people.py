"""Members of the desk. Rights come from the five groups, and from nowhere else."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.db.models import Count
from django.forms import CheckboxSelectMultiple
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from subscribers.admin.readonly import ReadOnlyAdmin

if TYPE_CHECKING:
    from django.db.models import ManyToManyField
    from django.forms import ModelMultipleChoiceField

ACTIONS = {
    "add": _("Can add: %(what)s"),
    "change": _("Can change: %(what)s"),
    "export": _("Can save as a file: %(what)s"),
    "view": _("Can look at: %(what)s"),
}

admin.site.unregister([User, Group])


@admin.register(User)
class DeskUserAdmin(UserAdmin):
    """Who may sign in, and which groups they belong to.

    No form here can make a superuser, give a single right, or show a password's hash; a
    superuser is changed by superusers only, or else their password would be a way to them.
    """

    list_display = ["username", "first_name", "last_name", "groups_of", "is_active", "last_login"]
    list_filter = ["groups", "is_active"]
    filter_horizontal = []
    actions = None
    show_facets = admin.ShowFacets.NEVER
    fieldsets = [
        (None, {"fields": ["username", "first_name", "last_name", "email", "is_active"]}),
        (_("Groups"), {"fields": ["groups"]}),
    ]
    add_fieldsets = [
        (None, {"fields": ["username", "password1", "password2"]}),
    ]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Keep superusers out of everybody else's reach."""
        if obj is not None and obj.is_superuser and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def get_queryset(self, request: HttpRequest) -> Any:
        """Fetch the groups of the whole list in one query."""
        return super().get_queryset(request).prefetch_related("groups")

    def formfield_for_manytomany(
        self, db_field: "ManyToManyField[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> "ModelMultipleChoiceField[Any] | None":
        """Offer the groups as boxes to tick."""
        if db_field.name == "groups":
            kwargs["widget"] = CheckboxSelectMultiple()
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        """Whoever is added here is a member of the desk."""
        if not change:
            obj.is_staff = True
        super().save_model(request, obj, form, change)

    @admin.display(description=_("groups"))
    def groups_of(self, user: User) -> str:
        """Name the groups."""
        return ", ".join(group.name for group in user.groups.all())


@admin.register(Group)
class DeskGroupAdmin(ReadOnlyAdmin):
    """The five groups with their rights, which are set anew by every release."""

    list_display = ["name", "members"]
    ordering = ["name"]
    fields = ["name", "rights"]

    def get_queryset(self, request: HttpRequest) -> Any:
        """Count the members in the same query."""
        return super().get_queryset(request).annotate(n=Count("user"))

    @admin.display(description=_("members"), ordering="n")
    def members(self, group: Any) -> int:
        """Show how many belong to it."""
        count: int = group.n
        return count

    @admin.display(description=_("rights"))
    def rights(self, group: Group) -> SafeString:
        """List what its members may do."""
        rights = group.permissions.select_related("content_type").order_by("content_type", "pk")
        items = format_html_join("", "<li>{}</li>", ((_in_words(right),) for right in rights))
        return format_html('<ul class="rights">{}</ul>', items)


def _in_words(right: Permission) -> str:
    """Say a right in the reader's language; the database has it in that of the installation."""
    model = right.content_type.model_class()
    if model is None:
        return right.name
    action, _underscore, _model = right.codename.partition("_")
    said = dict(model._meta.permissions).get(right.codename) or ACTIONS.get(action, right.name)
    return str(said) % {"what": model._meta.verbose_name_plural}
