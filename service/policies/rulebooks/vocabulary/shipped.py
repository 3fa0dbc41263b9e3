"""Every vocabulary the product has, by the policy its documents name."""

from collections.abc import Mapping

from service.policies.rulebooks.vocabulary.kinds import Vocabulary
from service.policies.rulebooks.vocabulary.showroom import SHOWROOM

VOCABULARIES: Mapping[str, Vocabulary] = {one.policy: one for one in (SHOWROOM,)}
