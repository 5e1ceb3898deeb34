"""Who is logged in."""

from django.contrib.auth.backends import ModelBackend

from susi.models import User


class PersonBackend(ModelBackend):
    """Django's own, but that the person of a request is fetched with the roles, which every page asks for."""

    def get_user(self, user_id: int) -> User | None:
        user = User.objects.filter(pk=user_id).annotate(**User.role_columns()).first()
        return user if user and self.user_can_authenticate(user) else None
