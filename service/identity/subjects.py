"""Who a provider says somebody is; apart from the provider, which brings an HTTP client."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Subject:
    """A person, by the provider's own word for him."""

    issuer: str
    subject: str
