"""What an installation in production must have been told, judged before it starts. Pure: settings ask and refuse."""

from collections.abc import Iterator, Sequence

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

SHORTEST_SECRET = 50  # Django's own measure (security.W009)
FEWEST_DIFFERENT = 5
_EXAMPLES = ("django-insecure-", "change-me", "changeme", "skift-mig", "only-for-tests", "secret")


def shortcomings(
    *,
    secret_key: str,
    debug: bool,
    hosts: Sequence[str],
    is_sqlite: bool,
    sqlite_allowed: bool,
    accessibility_statement: str,
) -> Iterator[str]:
    """Yield a Danish sentence for each setting that is unsafe in production, with what to do about it."""
    yield from _of_the_key(secret_key)
    if debug:
        yield "DEBUG er slået til. Fjern DEBUG fra miljøet: Fejlsiderne viser ellers indstillinger og data til alle."
    if not any(hosts):
        yield "ALLOWED_HOSTS er tom. Skriv de værtsnavne, systemet nås på, adskilt af komma."
    elif any(host.startswith("*") for host in hosts):
        yield "ALLOWED_HOSTS tillader alle værtsnavne (*). Skriv de værtsnavne, systemet nås på."
    if is_sqlite and not sqlite_allowed:
        yield (
            "DATABASE_URL peger ikke på PostgreSQL. Skriv postgres://bruger:kode@vært/navn, "
            "eller sæt SUSI_ALLOW_SQLITE=true på en enkelt maskine med få brugere."
        )
    if accessibility_statement and not _is_https(accessibility_statement):
        yield (
            "ACCESSIBILITY_STATEMENT_URL er ikke en adresse, der begynder med https://. Skriv hele adressen på "
            "tilgængelighedserklæringen, eller fjern den fra miljøet."
        )


def _is_https(address: str) -> bool:
    try:
        URLValidator(schemes=["https"])(address)
    except ValidationError:
        return False
    return True


def _of_the_key(secret_key: str) -> Iterator[str]:
    make = 'Lav en ny: python3 -c "import secrets; print(secrets.token_urlsafe(50))"'
    if secret_key.lower().startswith(_EXAMPLES):
        yield f"SECRET_KEY er et eksempel og ikke hemmelig. {make}"
    elif len(secret_key) < SHORTEST_SECRET or len(set(secret_key)) < FEWEST_DIFFERENT:
        yield f"SECRET_KEY er for kort eller for ensformig: mindst {SHORTEST_SECRET} tilfældige tegn. {make}"


def remarks(*, broker: str) -> Iterator[str]:
    """Yield what works, but hardly is what an operator of a production system wants."""
    if not broker:
        yield "CELERY_BROKER_URL mangler. PDF'er dannes derfor først, når de åbnes, og planlagte job kører ikke."
