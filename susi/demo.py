"""The log-ins of the example data, printed by `make run`. They never exist in production."""

from dataclasses import dataclass

from susi.roles import Role

PASSWORD = "eksempel-susi"  # noqa: S105


@dataclass(frozen=True)
class Account:
    username: str
    first_name: str
    last_name: str
    role: Role


ACCOUNTS = (
    Account("ansvarlig", "Anna", "Eksempel", Role.LEAD),
    Account("ansvarlig2", "Anders", "Eksempel", Role.LEAD),
    Account("leder", "Lene", "Eksempel", Role.MANAGER),
    Account("laeser", "Lasse", "Eksempel", Role.READER),
    Account("administrator", "Agnes", "Eksempel", Role.ADMINISTRATOR),
)
