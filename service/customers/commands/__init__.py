"""Commands on customers, one file a subject; each order stands beside its function."""

from service.customers.commands.belonging import (
    StateTraits,
    TraitValue,
    settle_all,
    state_traits,
)
from service.customers.commands.parties import (
    AddPhone,
    CreateParty,
    EditParty,
    LinkParties,
    Newcomer,
    RevealPhone,
    add_party,
    add_phone,
    add_phones,
    create_party,
    edit_party,
    entrust_party,
    link_parties,
    name_party,
    reveal_phone,
)

__all__ = [
    "AddPhone",
    "CreateParty",
    "EditParty",
    "LinkParties",
    "Newcomer",
    "RevealPhone",
    "StateTraits",
    "TraitValue",
    "add_party",
    "add_phone",
    "add_phones",
    "create_party",
    "edit_party",
    "entrust_party",
    "link_parties",
    "name_party",
    "reveal_phone",
    "settle_all",
    "state_traits",
]
