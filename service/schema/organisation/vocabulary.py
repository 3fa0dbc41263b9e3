"""The words permissions are made of, in the reader's language."""

import strawberry

from service.policies.access import ACTIONS, LIMIT_FIELDS, Domain, Scope, actions_of
from service.policies.access.sentences import Hearer, where


@strawberry.type(description="One thing that can be done with an object.")
class AccessAction:
    name: str = strawberry.field(description="As a permission writes it, like `record`.")
    key: str = strawberry.field(description="Object and action, like `visit.record`.")
    description: str = strawberry.field(description="What it is to do it.")


@strawberry.type(description="A kind of record that permissions speak of.")
class AccessObject:
    name: str = strawberry.field(description="As a permission writes it, like `visit`.")
    actions: list[AccessAction] = strawberry.field(description="What can be done with it.")


@strawberry.type(description="How far a permission reaches.")
class AccessScope:
    name: str = strawberry.field(description="As a permission writes it, like `team`.")
    description: str = strawberry.field(description="Which records that is.")


@strawberry.type(description="A figure that a permission's limit can bound.")
class AccessLimitField:
    name: str = strawberry.field(description="As a limit writes it, like `discount_bp`.")
    objects: list[str] = strawberry.field(description="The objects whose records have it.")
    description: str = strawberry.field(description="What it is.")


@strawberry.type(description="The closed vocabulary of permissions.")
class AccessVocabulary:
    objects: list[AccessObject] = strawberry.field(description="The objects and their actions.")
    scopes: list[AccessScope] = strawberry.field(
        description="From the narrowest; `requested` is only for permissions that deny."
    )
    limit_fields: list[AccessLimitField] = strawberry.field(
        description="What a limit, like `discount_bp<=300`, can bound."
    )


def vocabulary(locale: str) -> AccessVocabulary:
    """Word the vocabulary of a tenant's permissions in a language."""
    names = dict.fromkeys(e.object for e in ACTIONS.values() if Domain.TENANT in e.domains)
    return AccessVocabulary(
        objects=[
            AccessObject(name=name, actions=[_action(key, locale) for key in actions_of(name)])
            for name in names
        ],
        scopes=[
            AccessScope(name=one.value, description=where(one, Hearer(locale), absent=False))
            for one in Scope
        ],
        limit_fields=[
            AccessLimitField(
                name=one.name,
                objects=sorted(one.objects),
                description=one.wordings[locale],
            )
            for one in LIMIT_FIELDS.values()
        ],
    )


def _action(key: str, locale: str) -> AccessAction:
    entry = ACTIONS[key]
    return AccessAction(name=entry.action, key=key, description=entry.wordings[locale])
