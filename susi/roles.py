"""The four roles. A role is a Django group of the same name; a person may have several."""

from enum import StrEnum


class Role(StrEnum):
    READER = "Læser"
    LEAD = "Initiativansvarlig"
    MANAGER = "Leder"
    ADMINISTRATOR = "Administrator"

    @property
    def may(self) -> str:
        """What the role is for, as a sentence for the log-in page and the administration."""
        return _MAY[self]


_MAY = {
    Role.READER: "Læser det, der er indsendt eller besluttet.",
    Role.LEAD: "Opretter initiativer og skriver på dem, man er ansvarlig for eller medlem af.",
    Role.MANAGER: "Godkender SUSI-vurderinger og registrerer beslutninger om faseovergang.",
    Role.ADMINISTRATOR: "Vedligeholder regelsæt, programmer, brugere og indlæsninger.",
}
