"""Fields in the design system, and what every text field refuses."""

import pytest
from django import forms

from susi.forms import Form, ModelForm
from susi.models import User

RATINGS = [("met", "Opfyldt"), ("partly", "Delvist opfyldt")]


class Reasoning(Form):
    title = forms.CharField(label="Titel", max_length=20, help_text="Højst 20 tegn.")
    reason = forms.CharField(label="Begrundelse", max_length=1000, required=False, widget=forms.Textarea)
    rating = forms.ChoiceField(label="Vurdering", choices=RATINGS, widget=forms.RadioSelect)
    seen = forms.BooleanField(label="Jeg har læst det")


GOOD = {"title": "En titel", "reason": "", "rating": "met", "seen": "on"}


class Person(ModelForm):
    class Meta:
        model = User
        fields = ["first_name", "email"]


@pytest.mark.parametrize("field", ["title", "reason"])
@pytest.mark.parametrize(("text", "says"), [("Nr. 010190-1234", "CPR-nummer"), ("a\x0bb", "usynligt tegn (U+000B)")])
def test_every_text_field_refuses_and_keeps_the_text(field, text, says) -> None:
    form = Reasoning({**GOOD, field: text})
    assert not form.is_valid()
    assert list(form.errors) == [field]
    assert says in form.errors[field][0]
    assert text in str(form[field])


def test_a_field_made_from_a_model_refuses_too() -> None:
    form = Person({"first_name": "Anne 010190-1234", "email": "010190-1234@example.dk"})
    assert set(form.errors) == {"first_name", "email"}


def test_a_field_added_later_refuses_too() -> None:
    form = Reasoning({**GOOD, "more": "010190-1234"})
    form.fields["more"] = forms.CharField()
    assert list(form.errors) == ["more"]


def test_text_is_stored_in_one_form() -> None:
    form = Reasoning({**GOOD, "reason": " A\u030arhus\r\nog omegn \n"})
    assert form.is_valid()
    assert form.cleaned_data["reason"] == "Århus\nog omegn"


def test_a_newline_counts_as_one_character() -> None:
    assert Reasoning({**GOOD, "reason": "a\r\n" * 500}).is_valid()


def test_a_text_too_long_is_kept_and_answered_in_numbers() -> None:
    form = Reasoning({**GOOD, "title": "x" * 30})
    assert form.errors["title"] == ["Teksten er for lang: Den har 30 tegn, og der er plads til 20. Gør den kortere."]
    assert "x" * 30 in str(form["title"])
    assert "maxlength" not in str(form["title"])


def test_what_is_missing_is_said_in_danish() -> None:
    assert Reasoning({}).errors == {
        "title": ["Feltet skal udfyldes."],
        "rating": ["Vælg en mulighed."],
        "seen": ["Sæt kryds, før du går videre."],
    }


def test_a_field_keeps_the_sentence_of_its_own() -> None:
    form = Reasoning({})
    form.fields["title"].error_messages["required"] = "Skriv en titel."
    assert form.errors["title"] == ["Skriv en titel."]


def test_a_field_is_tied_to_its_hint_and_error() -> None:
    html = Reasoning({**GOOD, "title": ""})["title"].as_field_group()
    assert 'aria-describedby="id_title_helptext id_title_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="id_title_helptext">Højst 20 tegn.' in html
    assert 'id="id_title_error"' in html
    assert 'class="form-input"' in html
    assert 'for="id_title"' in html


def test_a_choice_is_a_fieldset_with_a_legend() -> None:
    html = Reasoning({**GOOD, "rating": ""})["rating"].as_field_group()
    assert '<fieldset aria-describedby="id_rating_error">' in html
    assert '<legend class="form-label">Vurdering' in html
    assert html.count('class="form-radio"') == 2
    assert '<label class="form-label" for="id_rating_1">Delvist opfyldt</label>' in html


def test_a_long_text_counts_its_characters() -> None:
    html = Reasoning()["reason"].as_field_group()
    assert 'data-maxlength="1000"' in html
    assert 'aria-describedby="id_reason_limit"' in html
    assert "data-maxlength" not in Reasoning()["title"].as_field_group()


def test_the_summary_links_to_every_field_with_an_error() -> None:
    html = str(Reasoning({}))
    assert '<a href="#id_title">Titel: Feltet skal udfyldes.</a>' in html
    assert '<a href="#id_rating_0">Vurdering: Vælg en mulighed.</a>' in html
    assert "error-summary" not in str(Reasoning())


def test_a_field_is_marked_optional_only_beside_required_ones() -> None:
    assert "(frivilligt)" in Reasoning()["reason"].as_field_group()
    assert "(frivilligt)" not in Reasoning()["title"].as_field_group()
    assert "(frivilligt)" not in str(Person())


def test_no_field_leaves_the_answer_to_the_browser() -> None:
    assert " required" not in str(Reasoning())
