"""What "Kontrollér et dokument" asks: a PDF, or the checksum that is printed on it. Neither is kept."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from susi.forms import Form

CHECKSUM = "kontrolsum"
MAX_BYTES = 10 * 1024 * 1024
_SHORTEST = 12  # as much as the foot of each page shows
_WRITTEN_BETWEEN = re.compile(r"[\s.…:-]+")


class ChecksumField(forms.Field):
    """A checksum as it is printed or copied: in groups, in capitals, with the ellipsis where it was cut off.

    No text field: its digits would be taken for CPR numbers, and it is never stored.
    """

    def to_python(self, value: Any) -> str:
        checksum = _WRITTEN_BETWEEN.sub("", str(value or "")).lower()
        if not checksum:
            return ""
        if not re.fullmatch(rf"[0-9a-f]{{{_SHORTEST},64}}", checksum):
            raise ValidationError(
                "Det er ikke en kontrolsum. Den har 64 tegn: tal og bogstaver fra a til f. "
                f"De første {_SHORTEST} er nok.",
                code="checksum",
            )
        return checksum


class ChecksumForm(Form):
    kontrolsum = ChecksumField(
        label="Kontrolsum",
        help_text="Den står på dokumentets sidste side. Begyndelsen, der står nederst på hver side, er også nok.",
        widget=forms.TextInput(attrs={"spellcheck": "false"}),
        error_messages={"required": "Skriv kontrolsummen, eller vælg filen i stedet."},
    )


class FileForm(Form):
    file = forms.FileField(
        label="Dokumentet som fil",
        help_text="En PDF på højst 10 MB. Filen bliver læst og ikke gemt.",
        widget=forms.FileInput(attrs={"accept": ".pdf,application/pdf"}),
        error_messages={
            **dict.fromkeys(("required", "invalid", "missing"), "Vælg en fil."),
            "empty": "Filen er tom. Vælg en anden.",
        },
    )

    @property
    def file_name(self) -> str:
        return str(self.files["file"])

    def clean_file(self) -> bytes:
        """Return what the file holds."""
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise ValidationError(
                "Filen fylder mere end 10 MB, og så store er dokumenter herfra ikke. "
                "Har du et, der er føjet noget til, så kontrollér kontrolsummen.",
                code="too_large",
            )
        content: bytes = file.read()
        if not content.startswith(b"%PDF-"):
            raise ValidationError("Filen er ikke en PDF. Vælg dokumentet, som du har fået det.", code="kind")
        return content
