"""What is kept of people's coming and going, and taken away by the clock when its time is up."""

from datetime import timedelta

from axes.models import AccessAttempt, AccessLog
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from susi import access_log


def expire() -> dict[str, int]:
    """Take away what is too old, and return how many there were of each: what is noted of access (`ACCESS_LOG_DAYS`),
    the counts of wrong passwords that lock nobody any more, with the names that were tried, and ended log-ins."""
    now = timezone.now()
    AccessLog.objects.all().delete()  # of earlier releases, which noted machines and browsers too
    unlocked = now - timedelta(hours=settings.AXES_COOLOFF_TIME)
    return {
        "access": access_log.expire(),
        "wrong passwords": AccessAttempt.objects.filter(attempt_time__lt=unlocked).delete()[0],
        "log-ins": Session.objects.filter(expire_date__lt=now).delete()[0],
    }
