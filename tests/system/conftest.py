"""One installation for all of them: each has initiatives of its own, and leaves every process running."""

from collections.abc import Iterator

import pytest

from scripts.servers import free_port
from scripts.trial import trial
from tests.system.installed import CATCH_UP, Installation

# People and initiatives: an installation in production has none to begin with.
NEWCOMERS = """
import django
django.setup()
from phases.terms import Phase
from susi.roles import Role
from tests.factories import AgreementFactory, initiative_in, person, submitted
AgreementFactory(programme__name="Eksempelprogram")
person(Role.MANAGER, username="leder", first_name="Lene", last_name="Eksempel")
lead = person(Role.LEAD, username="ansvarlig", first_name="Anna", last_name="Eksempel", email="anna@eksempel.dk")
initiative_in(Phase.SCREENING, lead=lead, title="Eksempel: Skolestart i ro", number="2026-900")
initiative_in(Phase.SCREENING, lead=lead, title="Eksempel: Akter og filer", number="2026-909")
for no in range(901, 909):
    handed_in = initiative_in(Phase.SCREENING, lead=lead, title="Eksempel: Indsendt", number=f"2026-{no}")
    submitted(handed_in, to_phase=Phase.MATURATION)
"""


@pytest.fixture(scope="session")
def installation() -> Iterator[Installation]:
    settings = {"SUSI_CATCH_UP_SECONDS": str(CATCH_UP), "EMAIL_URL": f"smtp://127.0.0.1:{free_port()}"}
    with trial(**settings) as made:
        installation = Installation(**vars(made))
        installation.python("-c", NEWCOMERS)
        installation.serve()
        yield installation
