from desk.models.case_file import CaseFile, Exemption
from desk.models.digest import Digest, ReminderChoice, Told

__all__ = ["CaseFile", "Digest", "Exemption", "ReminderChoice", "Told"]
