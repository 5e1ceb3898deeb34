"""Who may do what with an initiative. Asked by the actions; the pages ask too, to show only what is possible."""

from portfolio.models import Initiative
from susi.errors import NotAllowed
from susi.models import User
from susi.roles import Role


def may_write(user: User, initiative: Initiative) -> bool:
    """Whether `user` writes on the initiative: with the role for it, as its lead or member."""
    if not user.has_role(Role.LEAD):
        return False
    return initiative.lead_id == user.pk or user in initiative.members.all()


def require_writer(user: User, initiative: Initiative) -> None:
    if not may_write(user, initiative):
        raise NotAllowed("Kun den initiativansvarlige og initiativets medarbejdere kan skrive på initiativet.")


def require_role(user: User, role: Role, to_do: str) -> None:
    """Raise `NotAllowed` where `user` lacks `role`; `to_do` completes "Kun … kan …"."""
    if not user.has_role(role):
        raise NotAllowed(f"Kun brugere med rollen {role.value} kan {to_do}.")
