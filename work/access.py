"""Who may do what with the work of a phase, beyond those who write on the initiative."""

from portfolio.access import may_write
from portfolio.models import Initiative
from susi.errors import NotAllowed
from susi.models import User
from susi.roles import Role


def may_pass_on(user: User, initiative: Initiative) -> bool:
    """Whether `user` answers for the knowledge of the initiative's phases: those who write on it, and managers.

    What came in from a source has no lead, and knowledge is often passed on after the initiative has ended.
    """
    return user.has_role(Role.MANAGER) or may_write(user, initiative)


def require_passer_on(user: User, initiative: Initiative) -> None:
    if not may_pass_on(user, initiative):
        raise NotAllowed(
            "Kun den initiativansvarlige, initiativets medarbejdere og ledere kan skrive om formidling af viden."
        )
