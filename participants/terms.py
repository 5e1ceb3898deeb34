"""The words of participation: what an organisation is, what it does in an initiative, and how far something is."""

from django.db.models import TextChoices


class OrganisationKind(TextChoices):
    """What an organisation is. The law says which municipalities and regions there are; the others people create."""

    MUNICIPALITY = "municipality", "Kommune"
    REGION = "region", "Region"
    PROVIDER = "provider", "Leverandør"
    OFFER = "offer", "Socialt tilbud"
    CIVIL_SOCIETY = "civil_society", "Civilsamfundsorganisation"
    EVALUATOR = "evaluator", "Evaluator"
    COMPETENCE = "competence", "Kompetenceleverandør"
    STATE = "state", "Ministerium eller styrelse"
    OTHER = "other", "Anden organisation"


BY_LAW = frozenset({OrganisationKind.MUNICIPALITY, OrganisationKind.REGION})


class ParticipantRole(TextChoices):
    """What an organisation does in a phase."""

    MUNICIPALITY = "municipality", "Deltagende kommune"
    REGION = "region", "Deltagende region"
    PROVIDER = "provider", "Deltagende leverandør"
    EVALUATOR = "evaluator", "Evaluator"
    COMPETENCE = "competence", "Kompetenceleverandør"
    PROCESS_SUPPORT = "process_support", "Processtøtte"
    IMPLEMENTATION_SUPPORT = "implementation_support", "Implementeringsstøtte"
    OTHER = "other", "Anden rolle"


ONLY_FOR = {
    ParticipantRole.MUNICIPALITY: OrganisationKind.MUNICIPALITY,
    ParticipantRole.REGION: OrganisationKind.REGION,
}
PERFORMING = frozenset({ParticipantRole.MUNICIPALITY, ParticipantRole.REGION, ParticipantRole.PROVIDER})


class Progress(TextChoices):
    """How far a readiness analysis or an implementation plan is. Empty is not stated."""

    DONE = "done", "Udarbejdet"
    NOT_DONE = "not_done", "Ikke udarbejdet endnu"
    NOT_RELEVANT = "not_relevant", "Ikke relevant"


class ApplicationState(TextChoices):
    """What has become of an application."""

    RECEIVED = "received", "Modtaget"
    SELECTED = "selected", "Udvalgt"
    NOT_SELECTED = "not_selected", "Ikke udvalgt"
    WITHDRAWN = "withdrawn", "Trukket tilbage"
