"""The documents in an S3-compatible bucket, on a server of the test's own."""

import boto3
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from moto.server import ThreadedMotoServer

from assessments.models import Assessment
from assessments.pdf import SealBroken, ensure_pdf, sealed_pdf
from phases.terms import Phase
from susi import typesetting
from susi.invariants import breaches
from susi.roles import Role
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.once]

KEYS = {"access_key": "eksempel", "secret_key": "eksempel", "region_name": "eu-north-1"}


@pytest.fixture(scope="module")
def server():
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    yield f"http://{host}:{port}"
    moto.stop()


@pytest.fixture
def bucket(server, settings, monkeypatch):
    monkeypatch.setattr(typesetting, "typeset", lambda html, css, **how: html.encode())
    made = boto3.resource(
        "s3",
        endpoint_url=server,
        aws_access_key_id="eksempel",
        aws_secret_access_key="eksempel",
        region_name="eu-north-1",
    ).create_bucket(Bucket="susi", CreateBucketConfiguration={"LocationConstraint": "eu-north-1"})
    options = {"bucket_name": "susi", "endpoint_url": server, **KEYS}
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": "susi.bucket.Bucket", "OPTIONS": options}}
    yield made
    made.objects.all().delete()
    made.delete()


@pytest.fixture
def document(bucket) -> Assessment:
    factories.rulebook()
    initiative = factories.initiative_in(Phase.SCREENING)
    manager = factories.person(Role.MANAGER)
    return ensure_pdf(factories.approved(initiative, manager=manager, to_phase=Phase.MATURATION))


def test_the_document_is_stored_once_and_read_as_it_was_written(bucket, document) -> None:
    assert [one.key for one in bucket.objects.all()] == [f"susi-vurderinger/{document.pdf_sha256}.pdf"]
    first = sealed_pdf(Assessment.objects.get())
    assert first == bucket.Object(document.pdf.name).get()["Body"].read()
    assert sealed_pdf(Assessment.objects.get()) == first
    assert len(list(bucket.objects.all())) == 1
    assert list(breaches()) == []


def test_a_changed_or_missing_document_is_not_handed_out(bucket, document) -> None:
    bucket.Object(document.pdf.name).put(Body=b"%PDF changed")
    with pytest.raises(SealBroken, match="er ændret"):
        sealed_pdf(Assessment.objects.get())
    assert [one.sentence for one in breaches()] == ["PDF'en er ændret, siden den blev dannet."]
    bucket.Object(document.pdf.name).delete()
    with pytest.raises(SealBroken, match="findes ikke"):
        sealed_pdf(Assessment.objects.get())
    assert [document.pdf.name] == [one.about for one in breaches()]


def test_a_stored_file_is_never_written_over(bucket) -> None:
    names = {default_storage.save("susi-vurderinger/x.pdf", ContentFile(content)) for content in (b"one", b"two")}
    assert len(names) == 2


def test_ready_while_the_bucket_answers(bucket, settings) -> None:
    assert Client().get("/readyz").json()["checks"]["storage"] == "ok"
    options = {**settings.STORAGES["default"]["OPTIONS"], "bucket_name": "en-anden"}
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": "susi.bucket.Bucket", "OPTIONS": options}}
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["storage"]) == (503, "failed")
