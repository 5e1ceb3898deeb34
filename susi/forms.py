"""Forms in Det Fælles Designsystem, and what every text must pass before it is stored."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.password_validation import password_validators_help_texts
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, ProhibitNullCharactersValidator, URLValidator
from django.forms.renderers import TemplatesSetting
from django.utils.functional import cached_property

from susi.text import normalise, one_line, refuse_control_characters, refuse_cpr

_CLASSES = {
    forms.Select: "form-select",
    forms.CheckboxInput: "form-checkbox",
    forms.CheckboxSelectMultiple: "form-checkbox",
    forms.RadioSelect: "form-radio",
}
_REQUIRED = {forms.ChoiceField: "Vælg en mulighed.", forms.BooleanField: "Sæt kryds, før du går videre."}
_CHECKS = (refuse_control_characters, refuse_cpr)
_COUNTER_FROM = 200


class TooLong(MaxLengthValidator):
    """Says how long the text is and how long it may be."""

    message = "Teksten er for lang: Den har %(show_value)d tegn, og der er plads til %(limit_value)d. Gør den kortere."

    def __init__(self, limit_value: Any) -> None:
        super().__init__(limit_value, self.message)


class BoundField(forms.BoundField):
    """A field as the templates of the design system need it, with its text in the form it is stored in."""

    @property
    def data(self) -> Any:
        data = super().data
        return normalise(data) if self.holds_text and isinstance(data, str) else data

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
        """What stands before a sentence about the field away from it: "Kriterium M1.1 – Begrundelse:", "Hvorfor?"."""
        named = " – ".join(filter(None, [getattr(self.form, "subject", ""), str(self.label)]))
        return named if named.endswith("?") else f"{named}:"

    @property
    def first_id(self) -> str:
        """The id of the element a link to the field leads to, the first choice where there are several."""
        return self.subwidgets[0].id_for_label if self.use_fieldset and self.subwidgets else self.auto_id


class SusiFormRenderer(TemplatesSetting):
    """Renders forms and fields with the templates of the design system."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"


class CheckedText:
    """Holds every text field against control characters and CPR numbers, and says what is wrong in Danish."""

    fields: dict[str, forms.Field]
    subject = ""  # what the form is about, where a page has several of its kind
    bound_field_class: type[forms.BoundField] | None = BoundField
    use_required_attribute = False  # an incomplete form is answered by us, in Danish, not by the browser

    def full_clean(self) -> None:
        for field in self.fields.values():
            if field.error_messages["required"] == forms.Field.default_error_messages["required"]:
                field.error_messages["required"] = next(
                    (sentence for kind, sentence in _REQUIRED.items() if isinstance(field, kind)),
                    "Feltet skal udfyldes.",
                )
            if isinstance(field, forms.CharField):
                field.validators = [_in_numbers(validator) for validator in field.validators]
                field.validators += [check for check in _CHECKS if check not in field.validators]
        super().full_clean()  # type: ignore[misc]


class Form(CheckedText, forms.Form):
    """The form every page's form is made from."""


class ModelForm(CheckedText, forms.ModelForm):
    """The form every page's form on a model is made from."""


class LoginForm(AuthenticationForm):
    """Username and password, with an answer that does not tell which of them was wrong."""

    bound_field_class = BoundField
    use_required_attribute = False
    error_messages = {
        "invalid_login": "Brugernavn eller adgangskode er forkert. Prøv igen.",
        "inactive": "Brugernavn eller adgangskode er forkert. Prøv igen.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].widget.attrs["autofocus"] = not self.is_bound  # the errors come first
        self.fields["username"].error_messages["required"] = "Skriv dit brugernavn."
        self.fields["password"].error_messages["required"] = "Skriv din adgangskode."


def _in_numbers(validator: Callable[[Any], None]) -> Callable[[Any], None]:
    """Return Django's check of the length as ours; every other as it is."""
    return TooLong(validator.limit_value) if isinstance(validator, MaxLengthValidator) else validator
