"""Forms in Det Fælles Designsystem, and what every text must pass before it is stored."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, PasswordResetForm, SetPasswordForm
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, ProhibitNullCharactersValidator, URLValidator
from django.forms.renderers import TemplatesSetting
from django.utils.functional import cached_property
from django.utils.safestring import SafeString

from susi.text import normalise, one_line, refuse_control_characters, refuse_cpr

_CLASSES = {
    forms.Select: "form-select",
    forms.CheckboxInput: "form-checkbox",
    forms.CheckboxSelectMultiple: "form-checkbox",
    forms.RadioSelect: "form-radio",
}
_INCOMPLETE = "Noget på siden manglede i det, browseren sendte. Indlæs siden igen; din tekst står her endnu."
_NOT_ON_THE_LIST = "Vælg en af mulighederne på listen."
_LINK = "Skriv linket som https://…"
_SENTENCES: list[tuple[type[forms.Field], dict[str, str]]] = [  # instead of Django's own; the last that fits is said
    (forms.Field, {"required": "Feltet skal udfyldes."}),
    (forms.CharField, {"null_characters_not_allowed": "Feltet indeholder et tegn, der ikke kan bruges."}),
    (forms.BooleanField, {"required": "Sæt kryds, før du går videre."}),
    (
        forms.ChoiceField,
        {
            "required": "Vælg en mulighed.",
            **dict.fromkeys(["invalid_choice", "invalid_list", "invalid_pk_value"], _NOT_ON_THE_LIST),
        },
    ),
    (forms.IntegerField, {"invalid": "Skriv et helt tal."}),
    (forms.FloatField, {"invalid": "Skriv et tal."}),
    (forms.DecimalField, {"invalid": "Skriv et tal."}),
    (forms.EmailField, {"invalid": "Skriv e-mailadressen som navn@eksempel.dk."}),
    (forms.URLField, {"invalid": _LINK}),
]
_SENTENCES_HIDDEN = {"required": _INCOMPLETE, "invalid": _INCOMPLETE}
_CHECKS = (refuse_control_characters, refuse_cpr)
_COUNTER_FROM = 200


class TooLong(MaxLengthValidator):
    """Says how long the text is and how long it may be."""

    message = "Teksten er for lang: Den har %(show_value)d tegn, og der er plads til %(limit_value)d. Gør den kortere."

    def __init__(self, limit_value: Any) -> None:
        super().__init__(limit_value, self.message)


def refuse_credentials(link: str) -> None:
    """Raise `ValidationError` when `link` holds a user name or a password."""
    try:
        address = urlsplit(link)
    except ValueError:  # refused as no link at all
        return
    if "@" in address.netloc:
        raise ValidationError(
            f"Linket må ikke indeholde brugernavn eller adgangskode. {_LINK}", code="link_with_credentials"
        )


class ModelMultipleChoiceField(forms.ModelMultipleChoiceField):
    """Several rows of the database. A forged key that is too large for it is refused as any other."""

    def clean(self, value: Any) -> Any:
        try:
            return super().clean(value)
        except OverflowError as error:
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice") from error


class BoundField(forms.BoundField):
    """A field as the templates of the design system need it, with its text in the form it is stored in."""

    @property
    def data(self) -> Any:
        data = super().data
        if not self.holds_text or not isinstance(data, str):
            return data
        return one_line(data) if isinstance(self.field.widget, forms.TextInput) else normalise(data)

    @property
    def holds_text(self) -> bool:
        """Whether a person writes running text here (a password is taken as it is)."""
        return isinstance(self.field, forms.CharField) and not isinstance(self.field.widget, forms.PasswordInput)

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        widget = widget or self.field.widget
        attrs = super().build_widget_attrs(attrs, widget)
        if not widget.is_hidden and not isinstance(widget, forms.MultiWidget):
            own = next((name for kind, name in _CLASSES.items() if isinstance(widget, kind)), "form-input")
            attrs["class"] = " ".join(filter(None, [own, widget.attrs.get("class")]))
        if self.holds_text:
            attrs["maxlength"] = False  # the browser would cut a pasted text off; we say that it is too long
        return attrs

    @property
    def aria_describedby(self) -> str | None:
        described_by = super().aria_describedby
        if self.counts_to and self.auto_id and described_by is not None:
            return f"{described_by} {self.auto_id}_limit".strip()
        return described_by

    @cached_property
    def counts_to(self) -> int | None:
        """The length to count towards below the field, where it is long enough for that to help."""
        longest = getattr(self.field, "max_length", None)
        return longest if isinstance(self.field.widget, forms.Textarea) and (longest or 0) >= _COUNTER_FROM else None

    @property
    def marked_optional(self) -> bool:
        """Whether to write "(frivilligt)": only where other fields of the form are required."""
        others = (field for field in self.form.fields.values() if not field.widget.is_hidden)
        return not self.field.required and any(field.required for field in others)

    @property
    def lead_in(self) -> str:
        """What stands before a sentence about the field away from it: "Kriterie M1.1 – Begrundelse:", "Hvorfor?"."""
        named = " – ".join(filter(None, [getattr(self.form, "subject", ""), str(self.label)]))
        return named if named.endswith("?") else f"{named}:"

    @property
    def first_id(self) -> str:
        """The id of the element a link to the field leads to, the first choice where there are several."""
        return self.subwidgets[0].id_for_label if self.use_fieldset and self.subwidgets else self.auto_id


class DrawnOnce(BoundField):
    """A field that is drawn once by each process, not on every page: for forms whose fields are named alike everywhere.
    It is drawn anew where value, choices or errors are others; what somebody has written, which is seldom twice the
    same, is never kept.
    """

    _drawn: dict[Any, SafeString] = {}
    _REMEMBERED = 500

    def as_field_group(self) -> SafeString:
        if self.holds_text and self.value():
            return super().as_field_group()
        form = type(self.form)
        key = (
            *(form.__module__, form.__qualname__, self.auto_id, self.label, str(self.help_text), str(self.value())),
            *(tuple(getattr(self.field, "choices", ())), tuple(self.errors)),
        )
        drawn = self._drawn.get(key)
        if drawn is None:
            if len(self._drawn) >= self._REMEMBERED:
                self._drawn.clear()
            drawn = self._drawn[key] = super().as_field_group()
        return drawn


class SusiFormRenderer(TemplatesSetting):
    """Renders forms and fields with the templates of the design system."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"


class InDanish:
    """Shows fields in the design system, and says what is wrong in our own words instead of Django's."""

    fields: dict[str, forms.Field]
    bound_field_class: type[forms.BoundField] | None = BoundField
    use_required_attribute = False  # an incomplete form is answered by us, in Danish, not by the browser
    subject = ""  # what the form is about, where a page has several of its kind

    is_bound: bool

    def full_clean(self) -> None:
        for field in self.fields.values() if self.is_bound else ():
            field.error_messages |= {code: said for code, said in _sentences(field).items() if _is_djangos(field, code)}
        super().full_clean()  # type: ignore[misc]

    def add_error(self, field: str | None, error: Any) -> None:
        if getattr(error, "code", "") == "null_characters_not_allowed":  # a forged key; fields of text have their own
            error = ValidationError(_NOT_ON_THE_LIST, code="invalid_choice")
        super().add_error(field, error)  # type: ignore[misc]


def _checks_of(field: forms.CharField) -> tuple[Callable[[str], None], ...]:
    """Return what the text must pass. What the page itself hides in a form is no text of a person's: it is a checksum,
    and some of those read like a CPR number.
    """
    if field.widget.is_hidden:
        return (refuse_control_characters,)
    return (*_CHECKS, refuse_credentials) if isinstance(field, forms.URLField) else _CHECKS


class CheckedText(InDanish):
    """Holds every text field against control characters and CPR numbers, and a link against what may stand in it."""

    def full_clean(self) -> None:
        for field in self.fields.values() if self.is_bound else ():
            if isinstance(field, forms.CharField):
                field.validators = [own for one in field.validators if (own := _as_ours(one))]
                checks = _checks_of(field)
                field.validators += [check for check in checks if check not in field.validators]
        super().full_clean()


class Form(CheckedText, forms.Form):
    """The form every page's form is made from."""


class ModelForm(CheckedText, forms.ModelForm):
    """The form every page's form on a model is made from."""


class FormSet(forms.BaseFormSet):
    """Several forms of one kind on a page, for `formset_factory(…, formset=…)`. `things` is what they are called."""

    things = "rækker"
    error_messages: dict[str, str]
    default_error_messages = {"missing_management_form": _INCOMPLETE}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.error_messages["too_many_forms"] = f"Der er plads til %(num)d {self.things}."
        self.error_messages["too_few_forms"] = f"Der skal være mindst %(num)d {self.things}."

    def clean(self) -> None:
        if (self.management_form.cleaned_data["TOTAL_FORMS"] or 0) < 0:
            raise ValidationError(_INCOMPLETE, code="missing_management_form")


class LoginForm(InDanish, AuthenticationForm):
    """Username and password, with an answer that does not tell which of them was wrong."""

    error_messages = {
        "invalid_login": "Brugernavn eller adgangskode er forkert. Prøv igen.",
        "inactive": "Brugernavn eller adgangskode er forkert. Prøv igen.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].widget.attrs["autofocus"] = not self.is_bound  # the errors come first
        self.fields["username"].error_messages["required"] = "Skriv dit brugernavn."
        self.fields["password"].error_messages["required"] = "Skriv din adgangskode."


class NewPassword(InDanish):
    """Twice the password to have from now on."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        new, again = self.fields["new_password1"], self.fields["new_password2"]
        new.label, again.label = "Ny adgangskode", "Ny adgangskode igen"
        new.error_messages["required"] = "Skriv en ny adgangskode."
        again.error_messages["required"] = "Skriv den nye adgangskode igen."
        new.help_text = (
            f"Skriv mindst {settings.PASSWORD_LENGTH} tegn. Adgangskoden må ikke minde om dit navn, "
            "bestå af tal alene eller være en, som mange bruger."
        )
        again.help_text = ""


class PasswordForm(NewPassword, PasswordChangeForm):
    """The password one has, and twice the one to have instead."""

    error_messages = {
        "password_mismatch": "De to nye adgangskoder er ikke ens. Skriv den samme to gange.",
        "password_incorrect": "Den nuværende adgangskode er forkert. Prøv igen.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        present = self.fields["old_password"]
        present.label = "Nuværende adgangskode"
        present.error_messages["required"] = "Skriv den adgangskode, du har nu."
        present.widget.attrs["autofocus"] = not self.is_bound


class ForgottenForm(InDanish, PasswordResetForm):
    """The e-mail of whoever has forgotten the password. What is answered does not tell whether anybody has it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        email = self.fields["email"]
        email.label = "E-mail"
        email.help_text = "Den e-mailadresse, der står på din bruger."
        email.error_messages["required"] = "Skriv din e-mailadresse."


class ResetForm(NewPassword, SetPasswordForm):
    """Twice the new password, for whoever has opened the link of the mail."""

    error_messages = {"password_mismatch": PasswordForm.error_messages["password_mismatch"]}


def name_of(field: forms.BoundField) -> str:
    """Return what the field is called away from it, with what its form is about."""
    return str(field.lead_in).removesuffix(":")  # type: ignore[attr-defined]


def as_read(field: forms.BoundField) -> str:
    """Return what stands in the field as a person reads it: labels for choices."""
    value = field.value()
    if not hasattr(field.field, "choices"):
        return str(value or "")
    labels = {str(code): str(label) for code, label in field.field.choices if code != ""}
    chosen = value if isinstance(value, list | tuple) else [value]
    return ", ".join(labels.get(str(code), "") for code in chosen if code not in (None, ""))


def _sentences(field: forms.Field) -> dict[str, str]:
    """Return what is said of `field`, by Django's code of the error."""
    said = {code: one for kind, sentences in _SENTENCES if isinstance(field, kind) for code, one in sentences.items()}
    return {**said, **_SENTENCES_HIDDEN} if field.widget.is_hidden else said


def _is_djangos(field: forms.Field, code: str) -> bool:
    """Whether `field` says nothing but what Django says by default."""
    defaults = (vars(kind).get("default_error_messages", {}) for kind in type(field).__mro__ if _of_django(kind))
    return any(field.error_messages.get(code) is messages.get(code) for messages in defaults)


def _of_django(kind: type) -> bool:
    return kind.__module__.startswith("django.")


def _as_ours(validator: Callable[[Any], None]) -> Callable[[Any], None] | None:
    """Return Django's check as ours, None where one of ours says it better, and every other as it is."""
    if isinstance(validator, MaxLengthValidator):
        return TooLong(validator.limit_value)
    if isinstance(validator, URLValidator):
        return URLValidator(schemes=["http", "https"])
    return None if isinstance(validator, ProhibitNullCharactersValidator) else validator
