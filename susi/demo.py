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
    Account("ansvarlig", "Anna", "Ansvarlig", Role.LEAD),
    Account("ansvarlig2", "Anders", "Ansvarlig", Role.LEAD),
    Account("leder", "Lene", "Leder", Role.MANAGER),
    Account("laeser", "Lasse", "Læser", Role.READER),
    Account("administrator", "Agnes", "Administrator", Role.ADMINISTRATOR),
)
