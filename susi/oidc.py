"""Log-in with the agency's own accounts: OpenID Connect against Entra or ADFS, where `OIDC_ISSUER` is set.

Who somebody is and which roles the person has is what the agency's token says, at every log-in. The library asks with
state, nonce and PKCE; here is what it leaves open: for whom the token was made, by whom, and about whom.
"""

import logging
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from mozilla_django_oidc.auth import OIDCAuthenticationBackend
from mozilla_django_oidc.middleware import SessionRefresh

from susi.backends import PersonBackend
from susi.models import User
from susi.roles import Role

logger = logging.getLogger(__name__)

_LONGEST_NAME = 150  # the columns of a user; an e-mail has more room


def roles_of(claims: dict[str, Any]) -> set[Role]:
    """Return the roles the token gives: those whose name at the agency (`OIDC_ROLES`) is in the claim."""
    said = claims.get(settings.OIDC_ROLE_CLAIM) or []
    names = {said} if isinstance(said, str) else {str(one) for one in said}
    roles = {Role(role) for name, role in settings.OIDC_ROLES.items() if name in names}
    if not roles:
        logger.warning("Of %d names in the claim %s none is in OIDC_ROLES.", len(names), settings.OIDC_ROLE_CLAIM)
    return roles


class AgencyBackend(OIDCAuthenticationBackend):
    """Logs a person in whom the agency's token names with at least one role. Others are refused, and lose theirs."""

    def authenticate(self, request: HttpRequest | None, **kwargs: Any) -> User | None:
        """Return the person. Only with the nonce and the verifier of a log-in begun here: no form can lead past."""
        if not kwargs.get("nonce") or not kwargs.get("code_verifier"):
            return None
        return super().authenticate(request, **kwargs)

    def verify_token(self, token: str, **kwargs: Any) -> dict[str, Any]:
        claims: dict[str, Any] = super().verify_token(token, **kwargs)
        audience = claims.get("aud")
        if settings.OIDC_RP_CLIENT_ID not in (audience if isinstance(audience, list) else [audience]):
            raise SuspiciousOperation("The token was made for another system.")
        if claims.get("iss") != settings.OIDC_ISSUER:
            raise SuspiciousOperation("The token was made by somebody else.")
        return claims

    def get_or_create_user(self, access_token: str, id_token: str, payload: dict[str, Any]) -> User | None:
        """Return the person with the roles and the name the token says; made where there is none by that name."""
        claims = {**self.get_userinfo(access_token, id_token, payload), **payload}
        username, roles = str(claims.get(settings.OIDC_USERNAME_CLAIM) or "").strip(), roles_of(claims)
        if not username or len(username) > _LONGEST_NAME:
            return None
        person = User.objects.filter(username__iexact=username).first()
        if person is None and not roles:
            return None
        if person and person.has_left:  # the account is nobody's any more, whatever the token says
            return None
        person = person or User(username=username)
        if not person.pk:
            person.set_unusable_password()
        _write_names(person, claims)
        person.is_superuser = person.is_staff = False  # rights follow from the roles of the token alone
        person.save()
        person.groups.set(Group.objects.get_or_create(name=role.value)[0] for role in sorted(roles))
        return person if roles and person.is_active else None

    def get_userinfo(self, access_token: str, id_token: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Return what the provider says of the person the token is about."""
        info: dict[str, Any] = super().get_userinfo(access_token, id_token, payload)
        if info.get("sub") != payload.get("sub"):
            raise SuspiciousOperation("The provider told of somebody else.")
        return info

    def get_user(self, user_id: int) -> User | None:
        return PersonBackend().get_user(user_id)


class Renewal(SessionRefresh):
    """Asks the agency again, unseen, whether somebody who logged in by it still has access, and so the roles anew."""

    @cached_property
    def exempt_urls(self) -> set[str]:
        return {reverse(name) for name in ("oidc_authentication_init", "oidc_authentication_callback", "login")}


def _write_names(person: User, claims: dict[str, Any]) -> None:
    """Write what the agency calls the person, as far as it says."""
    for field, claim in (("first_name", "given_name"), ("last_name", "family_name"), ("email", "email")):
        said = claims.get(claim)
        if isinstance(said, str) and said.strip():
            setattr(person, field, said.strip()[:_LONGEST_NAME])
    if not person.first_name and not person.last_name:
        person.first_name = str(claims.get("name") or person.username)[:150]
