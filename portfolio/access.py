"""Who may do what with an initiative. Asked by the actions; the pages ask too, to show only what is possible."""

from portfolio.models import Initiative
from portfolio.models.initiative import InitiativeQuerySet
from susi.errors import NotAllowed
from susi.models import User
from susi.roles import Role


def may_write(user: User, initiative: Initiative) -> bool:
    """Whether `user` writes on the initiative: with the role for it, as its lead or member or as stand-in for one.

    The rule of `InitiativeQuerySet.writable_by`, asked of one.
    """
    if not user.has_role(Role.LEAD):
        return False
    return initiative.lead_id in user.acts_for or any(one.pk in user.acts_for for one in initiative.members.all())


def require_writer(user: User, initiative: Initiative) -> None:
    if not may_write(user, initiative):
        raise NotAllowed("Kun den initiativansvarlige og initiativets medarbejdere kan skrive på initiativet.")


def may_have_case_file(user: User, initiative: Initiative) -> bool:
    """Whether `user` fetches the case file: access to documents is decided case by case, by those who answer for it."""
    return user.has_role(Role.MANAGER) or user.has_role(Role.ADMINISTRATOR) or may_write(user, initiative)


def require_case_file(user: User, initiative: Initiative) -> None:
    if not may_have_case_file(user, initiative):
        raise NotAllowed("Kun den initiativansvarlige, initiativets medarbejdere, ledere og administratorer kan "
                         "hente sagens akter.")  # fmt: skip


def may_date(user: User, initiative: Initiative) -> bool:
    """Whether `user` fills in the dates of its phases.

    What came in from a source has no lead; managers and administrators fill in what is found out of it later.
    """
    return user.has_role(Role.MANAGER) or user.has_role(Role.ADMINISTRATOR) or may_write(user, initiative)


def datable_by(user: User) -> InitiativeQuerySet:
    """Return the initiatives `may_date` holds for."""
    if user.has_role(Role.MANAGER) or user.has_role(Role.ADMINISTRATOR):
        return Initiative.objects.all()
    return Initiative.objects.writable_by(user)


def require_dater(user: User, initiative: Initiative) -> None:
    if not may_date(user, initiative):
        raise NotAllowed(
            "Kun den initiativansvarlige, initiativets medarbejdere, ledere og administratorer kan rette datoer."
        )


def require_role(user: User, role: Role, to_do: str) -> None:
    """Raise `NotAllowed` where `user` lacks `role`; `to_do` completes "Kun … kan …"."""
    if not user.has_role(role):
        raise NotAllowed(f"Kun brugere med rollen {role.value} kan {to_do}.")
