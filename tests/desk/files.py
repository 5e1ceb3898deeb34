"""Case files for the tests: made, opened and read, and documents left out of them."""

import csv
import io
import zipfile

from desk.actions.case_files import make_whole, order_case_file
from desk.actions.exemptions import exempt
from desk.case_file.documents import contents_of
from desk.models import CaseFile, Exemption
from portfolio.models import Initiative
from susi.models import User


def zipped(case_file: CaseFile) -> bytes:
    assert case_file.is_ready, case_file.problem
    with case_file.file.open("rb") as file:
        return file.read()


def files_of(case_file: CaseFile) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(zipped(case_file))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def made(initiative: Initiative, by: User) -> dict[str, bytes]:
    return files_of(make_whole(order_case_file(initiative=initiative, by=by)))


def lines(files: dict[str, bytes], name: str) -> list[list[str]]:
    text = files[name].decode("utf-8-sig")
    return [row for row in csv.reader(io.StringIO(text), delimiter=";") if len(row) > 1]


def everything(files: dict[str, bytes]) -> str:
    return "\n".join(content.decode(errors="replace") for content in files.values())


def leave_out(initiative: Initiative, by: User, kind: str, key: str = "") -> Exemption:
    key = key or next(one.key for one in contents_of(initiative).documents if one.kind == kind)
    values = {"ground": Exemption.Ground.INTERNAL, "reason": "Eksempel på en begrundelse"}
    return exempt(initiative=initiative, kind=kind, key=key, by=by, **values)
