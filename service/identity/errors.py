"""Why a sign-in fails. Known and unknown names answer alike."""

from dataclasses import dataclass
from typing import ClassVar

from service.errors import Refusal


@dataclass(eq=False, kw_only=True)
class SignInFailed(Refusal):
    """Name and password do not fit, or the token is not good; never says which."""

    code: ClassVar[str] = "SIGN_IN_FAILED"


@dataclass(eq=False, kw_only=True)
class RefreshTokenReused(Refusal):
    """A refresh token was used before: somebody holds a copy, so its session has ended."""

    code: ClassVar[str] = "REFRESH_TOKEN_REUSED"


@dataclass(eq=False, kw_only=True)
class TooManySignIns(Refusal):
    """Too many failures for this name or address; wait."""

    code: ClassVar[str] = "TOO_MANY_SIGN_INS"

    seconds: int


@dataclass(eq=False, kw_only=True)
class TenantToChoose(Refusal):
    """The person belongs to several tenants; the request must name one."""

    code: ClassVar[str] = "TENANT_TO_CHOOSE"


@dataclass(eq=False, kw_only=True)
class PasswordSignInOff(Refusal):
    """This server signs in by identity provider only."""

    code: ClassVar[str] = "PASSWORD_SIGN_IN_OFF"


@dataclass(eq=False, kw_only=True)
class ProviderUnknown(Refusal):
    """This server takes no sign-in from that identity provider."""

    code: ClassVar[str] = "PROVIDER_UNKNOWN"

    issuer: str


@dataclass(eq=False, kw_only=True)
class SignInNameTaken(Refusal):
    """Somebody on the platform signs in by this name, or by this provider's subject, already."""

    code: ClassVar[str] = "SIGN_IN_NAME_TAKEN"

    name: str


@dataclass(eq=False, kw_only=True)
class SignInNameUnknown(Refusal):
    """Nobody on the platform signs in by this name."""

    code: ClassVar[str] = "SIGN_IN_NAME_UNKNOWN"

    name: str


@dataclass(eq=False, kw_only=True)
class TenantHasOtherAdmin(Refusal):
    """The tenant was opened with another person as its administrator."""

    code: ClassVar[str] = "TENANT_HAS_OTHER_ADMIN"

    tenant: str


@dataclass(eq=False, kw_only=True)
class SignInNotYours(Refusal):
    """The person is not this company's alone: only the platform's operator changes his sign-in."""

    code: ClassVar[str] = "SIGN_IN_NOT_YOURS"
