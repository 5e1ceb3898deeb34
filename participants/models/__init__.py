from participants.models.call import Application, Call
from participants.models.data_collection import DataCollection
from participants.models.entry import Entry
from participants.models.organisation import Organisation, RegionPeriod, regions_on, valid_on
from participants.models.participation import Participation, Round
from participants.models.recruitment import RecruitmentCount, RecruitmentPlan

__all__ = [
    "Application",
    "Call",
    "DataCollection",
    "Entry",
    "Organisation",
    "Participation",
    "RecruitmentCount",
    "RecruitmentPlan",
    "RegionPeriod",
    "Round",
    "regions_on",
    "valid_on",
]
