"""The documents in an S3-compatible bucket, for several machines without a folder in common.

A module of its own, so that only who has a bucket loads the client.
"""

from typing import Any

from botocore.config import Config
from storages.backends.s3 import S3Storage

_CLIENT = Config(connect_timeout=3, read_timeout=20, retries={"max_attempts": 3})


class Bucket(S3Storage):
    """Never writes over a file: a stored document is a record. Nothing is public."""

    def __init__(self, **options: Any) -> None:
        super().__init__(file_overwrite=False, default_acl=None, client_config=_CLIENT, **options)

    def refuse_if_unfit(self) -> None:
        """Raise what the client raises where the bucket does not answer or is not ours."""
        self.connection.meta.client.head_bucket(Bucket=self.bucket_name)
