"""What every page knows about the installation."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """Return `site`: the product's name, the agency's name, the address of its accessibility statement (may be empty)
    and a label where this is not production (else empty)."""
    return {
        "site": {
            "product": settings.PRODUCT_NAME,
            "agency": settings.LETTERHEAD["name"],
            "accessibility_statement": settings.ACCESSIBILITY_STATEMENT_URL,
            "environment": settings.ENVIRONMENT_LABEL,
        }
    }
