"""What every answer tells the browser beyond what Django's own middleware does."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

# Nothing here asks for any of it, and what somebody smuggles in may not either.
_UNUSED = ("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "microphone", "payment", "usb")
HEADERS = {
    "Permissions-Policy": ", ".join(f"{one}=()" for one in _UNUSED),
    "Cross-Origin-Resource-Policy": "same-origin",
}


def told_to_the_browser(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return middleware
