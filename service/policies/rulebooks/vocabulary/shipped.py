"""Every vocabulary the product has, by the policy its documents name."""

from collections.abc import Mapping

from service.policies.rulebooks.vocabulary.dealer_floor import DEALER_FLOOR
from service.policies.rulebooks.vocabulary.kinds import Vocabulary
from service.policies.rulebooks.vocabulary.lead_pool import LEAD_POOL
from service.policies.rulebooks.vocabulary.partner_registration import PARTNER_REGISTRATION
from service.policies.rulebooks.vocabulary.showroom import SHOWROOM
from service.policies.rulebooks.vocabulary.territory_accounts import TERRITORY_ACCOUNTS

VOCABULARIES: Mapping[str, Vocabulary] = {
    one.policy: one
    for one in (SHOWROOM, DEALER_FLOOR, TERRITORY_ACCOUNTS, LEAD_POOL, PARTNER_REGISTRATION)
}
