"""Who is logged in."""

from django.contrib.auth.backends import ModelBackend

from susi.models import User


class PersonBackend(ModelBackend):
    """Django's own, but that the person of a request is fetched with the roles, which every page asks for."""

    def get_user(self, user_id: int) -> User | None:
        user = User.with_roles(user_id)
        return user if user and self.user_can_authenticate(user) else None
