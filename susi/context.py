"""What every page knows about the installation."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """Return `site`: the product's name, the agency's name and a label where this is not production (else empty)."""
    return {
        "site": {
            "product": settings.PRODUCT_NAME,
            "agency": settings.LETTERHEAD["name"],
            "environment": settings.ENVIRONMENT_LABEL,
        }
    }
