"""Fields in the design system, and what every text field refuses."""

import pytest
from django import forms
from django.contrib.auth.models import Group
from django.template.loader import render_to_string
from django.urls import get_resolver

from susi.forms import CheckedText, Form, FormSet, ModelForm, ModelMultipleChoiceField
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


class Question(Form):
    why = forms.CharField(label="Hvorfor omgøres beslutningen?")
    handling = forms.CharField(label="Håndtering")


def test_the_list_of_errors_ends_a_question_as_a_question() -> None:
    html = render_to_string("components/error_summary.html", {"form": Question({})})
    assert "Hvorfor omgøres beslutningen? Feltet skal udfyldes." in html
    assert "Håndtering: Feltet skal udfyldes." in html


def test_the_list_of_errors_says_which_of_several_it_is_about() -> None:
    form = Question({})
    form.subject = "Kriterie M1.1"
    html = render_to_string("components/error_summary.html", {"form": form})
    assert "Kriterie M1.1 – Hvorfor omgøres beslutningen? Feltet skal udfyldes." in html
    assert "Kriterie M1.1 – Håndtering: Feltet skal udfyldes." in html


class Seen(Form):
    """A text, and the checksum of what the page showed."""

    text = forms.CharField(label="Tekst")
    seen = forms.CharField(widget=forms.HiddenInput)


def test_a_checksum_that_reads_like_a_cpr_number_is_none() -> None:
    sha256 = "5f 010190-1234 "  # as it may stand among the digits
    assert Seen({"text": "Eksempel", "seen": sha256}).is_valid()
    assert set(Seen({"text": sha256, "seen": sha256}).errors) == {"text"}


class Sent(Form):
    """One field of every kind that a browser may send nonsense for."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    count = forms.IntegerField(label="Antal", required=False)
    share = forms.DecimalField(label="Andel", required=False)
    link = forms.URLField(label="Link", required=False, assume_scheme="https")
    email = forms.EmailField(label="E-mail", required=False)
    rating = forms.ChoiceField(label="Vurdering", choices=RATINGS, required=False)
    ratings = forms.MultipleChoiceField(label="Vurderinger", choices=RATINGS, required=False)
    group = forms.ModelChoiceField(Group.objects.all(), label="Rolle", required=False)
    groups = ModelMultipleChoiceField(Group.objects.all(), label="Roller", required=False)


INCOMPLETE = "Noget på siden manglede i det, browseren sendte. Indlæs siden igen; din tekst står her endnu."
NOT_ON_THE_LIST = "Vælg en af mulighederne på listen."
LINK = "Skriv linket som https://…"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("version", "", INCOMPLETE),
        ("version", "abc", INCOMPLETE),
        ("version", "9" * 5000, INCOMPLETE),
        ("count", "abc", "Skriv et helt tal."),
        ("share", "abc", "Skriv et tal."),
        ("link", "ikke et link", LINK),
        ("link", "ftp://example.dk/fil", LINK),
        ("link", "javascript:alert(1)", LINK),
        ("link", "https://[example.dk", LINK),
        ("link", "https://anne:hemmelig@example.dk/", "Linket må ikke indeholde brugernavn eller adgangskode. " + LINK),
        ("link", "https://anne@example.dk/", "Linket må ikke indeholde brugernavn eller adgangskode. " + LINK),
        ("email", "anne", "Skriv e-mailadressen som navn@eksempel.dk."),
        ("rating", "abc", NOT_ON_THE_LIST),
        ("rating", "\x00", NOT_ON_THE_LIST),
        ("ratings", ["abc"], NOT_ON_THE_LIST),
        ("group", "abc", NOT_ON_THE_LIST),
        ("group", "9" * 20, NOT_ON_THE_LIST),
        ("group", "9" * 5000, NOT_ON_THE_LIST),
        ("group", "1\x00", NOT_ON_THE_LIST),
        ("groups", ["abc"], NOT_ON_THE_LIST),
        ("groups", ["9" * 20], NOT_ON_THE_LIST),
        ("groups", ["-" + "9" * 20], NOT_ON_THE_LIST),
        ("groups", ["9" * 5000], NOT_ON_THE_LIST),
        ("groups", ["1\x00"], NOT_ON_THE_LIST),
    ],
)
def test_nonsense_is_answered_once_and_without_repeating_it(field, value, sentence) -> None:
    assert Sent({"version": "1", field: value}).errors == {field: [sentence]}


def test_a_null_character_in_a_text_is_answered_once() -> None:
    assert len(Reasoning({**GOOD, "title": "a\x00b"}).errors["title"]) == 1


@pytest.mark.parametrize("link", ["https://example.dk/a?b=c@d", "http://example.dk", "example.dk/fil.pdf"])
def test_a_link_to_a_page_is_let_through(link) -> None:
    assert "link" not in Sent({"version": "1", "link": link}).errors


def test_a_text_without_anything_to_be_seen_is_missing() -> None:
    assert Reasoning({**GOOD, "title": "\u200b\u00ad"}).errors == {"title": ["Feltet skal udfyldes."]}


def test_a_field_of_one_line_takes_a_line_break_as_a_space() -> None:
    form = Reasoning({**GOOD, "title": "En\r\ntitel", "reason": "To\r\nlinjer"})
    assert form.is_valid()
    assert form.cleaned_data["title"] == "En titel"
    assert form.cleaned_data["reason"] == "To\nlinjer"


class Rows(FormSet):
    things = "henvisninger"


def rows(**data: str) -> FormSet:
    made = forms.formset_factory(Sent, formset=Rows, max_num=2, validate_max=True)
    return made({f"form-{name}": value for name, value in data.items()})


def test_too_many_rows_are_answered_in_danish() -> None:
    assert rows(TOTAL_FORMS="3", INITIAL_FORMS="0").non_form_errors() == ["Der er plads til 2 henvisninger."]


@pytest.mark.parametrize("data", [{}, {"TOTAL_FORMS": "-1", "INITIAL_FORMS": "0"}, {"TOTAL_FORMS": "x"}])
def test_rows_that_did_not_arrive_are_answered_in_danish(data) -> None:
    assert INCOMPLETE in rows(**data).non_form_errors()


def test_every_choice_of_several_rows_withstands_keys_that_no_database_has() -> None:
    """A forged key raises `OverflowError` in Django's own field."""

    assert get_resolver().url_patterns  # so every page is imported with its forms

    def below(kind: type) -> set[type]:
        return {kind}.union(*(below(one) for one in kind.__subclasses__()))

    wrong = {
        f"{form.__module__}.{form.__name__}.{name}"
        for form in below(CheckedText)
        for name, field in getattr(form, "base_fields", {}).items()
        if isinstance(field, forms.ModelMultipleChoiceField) and not isinstance(field, ModelMultipleChoiceField)
        if name != "user_permissions"  # of Django's, and on none of our pages
    }
    assert wrong == set()
