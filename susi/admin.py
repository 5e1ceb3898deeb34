"""The people and their roles."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import UserChangeForm, UserCreationForm
from django.contrib.auth.models import Group
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from susi.administration import GrantedByRole
from susi.forms import CheckedText, ModelMultipleChoiceField
from susi.models import User
from susi.roles import Role

admin.site.unregister(Group)  # the four roles are fixed


class RolesField(ModelMultipleChoiceField):
    """The roles as checkboxes, each with what it is for."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self) -> None:
        roles = Group.objects.filter(name__in=[role.value for role in Role]).order_by("pk")
        super().__init__(roles, required=False, label="Roller")

    def label_from_instance(self, group: Group) -> str:
        return f"{group.name}: {Role(group.name).may}"


class PersonForm(CheckedText):
    """What is the same for a new user and one that is there: a full name and roles."""

    labels = {
        "username": "Brugernavn",
        "first_name": "Fornavn",
        "last_name": "Efternavn",
        "email": "E-mail",
        "is_active": "Aktiv",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.labels.keys() & self.fields.keys():
            self.fields[name].label = self.labels[name]  # Django's own would stand in English in the log
        for name in {"first_name", "last_name"} & self.fields.keys():
            self.fields[name].required = True  # the name stands on what the person writes and approves


class NewUserForm(PersonForm, UserCreationForm):
    groups = RolesField()


class UserForm(PersonForm, UserChangeForm):
    groups = RolesField()


class RoleFilter(admin.RelatedFieldListFilter):
    """People by role; the last choice is those without any."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = "rolle"
        self.empty_value_display = SafeString("Ingen")


@admin.register(User)
class UserAdmin(GrantedByRole, DjangoUserAdmin):
    """An ordinary administrator neither sees superusers nor makes one, and cannot change own roles."""

    form = UserForm
    add_form = NewUserForm
    add_form_template = None
    actions = None
    list_display = ["username", "full_name", "role_names", "is_active", "last_login"]
    list_filter = ["is_active", ("groups", RoleFilter)]
    filter_horizontal = []
    readonly_fields = ["last_login", "date_joined", "left_at"]
    add_fieldsets = [
        (None, {"fields": ["username", "password1", "password2"]}),
        ("Person", {"fields": ["first_name", "last_name", "email"]}),
        ("Roller", {"fields": ["groups"]}),
    ]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        ("Person", {"fields": ["first_name", "last_name", "email"]}),
        ("Roller", {"fields": ["is_active", "groups"]}),
        ("Datoer", {"fields": ["last_login", "date_joined"]}),
    ]
    own_fieldsets = [
        *fieldsets[:2],
        (
            "Roller",
            {
                "fields": ["is_active", "role_names"],
                "description": "Dine egne roller ændres af en anden administrator.",
            },
        ),
        fieldsets[3],
    ]

    left_fieldsets = [(None, {"fields": ["username", "first_name", "last_name", "left_at"]})]

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """An account whose owner has left is read alone: it never gets a name again."""
        has_left = isinstance(obj, User) and obj.has_left
        return super().has_change_permission(request, obj) and not has_left

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        users = super().get_queryset(request).prefetch_related("groups")
        return users if request.user.is_superuser else users.filter(is_superuser=False)

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        if obj and obj.has_left:
            return self.left_fieldsets
        return self.own_fieldsets if _is_own(request, obj) else super().get_fieldsets(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        own = ["is_active", "role_names"] if _is_own(request, obj) else []
        return [*self.readonly_fields, *own]

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        """Say in the log which roles a person had and got."""
        message = super().construct_change_message(request, form, formsets, add)
        if "groups" in form.changed_data:
            before, now = _named(form.initial.get("groups", [])), _named(form.cleaned_data["groups"])
            roles = f"Roller ({before} → {now})"
            if add:
                message.append({"changed": {"fields": [roles]}})
            else:
                fields = message[0]["changed"]["fields"]
                fields[fields.index(form.fields["groups"].label)] = roles
        return message

    @admin.display(description="Navn", ordering="first_name")
    def full_name(self, user: User) -> str:
        return user.get_full_name()

    @admin.display(description="Roller")
    def role_names(self, user: User) -> str:
        return _named(user.groups.all())


def _is_own(request: HttpRequest, user: User | None) -> bool:
    return user == request.user and not request.user.is_superuser


def _named(groups: Any) -> str:
    return ", ".join(group.name for group in sorted(groups, key=lambda group: group.pk)) or "ingen"
