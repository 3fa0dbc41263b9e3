"""Where each territory stands at an instant: one text, whoever asks.

Rights, filters, figures and tasks all read the places of the territory model in force through it.
It goes by the clock of the reading, so a model that was to begin last night is in force this
morning, whether or not anybody was there to announce it.
"""


def in_force(at: str, activation: str = "a") -> str:
    """Write the condition under which an activation of a model is the one in force.

    Args:
        at: SQL of the instant.
        activation: the alias of `app.territory_activation`.
    """
    return (
        f"{activation}.active_from <= {at}"
        f" AND ({activation}.active_until IS NULL OR {activation}.active_until > {at})"
    )


def announced(model_id: str) -> str:
    """Write the condition under which a model is, was or is to be in force: no draft.

    Over `$1`, the tenant. What was taken back before it began keeps an empty span, and counts not.

    Args:
        model_id: SQL of the model's id.
    """
    return (
        "EXISTS (SELECT FROM app.territory_activation a WHERE a.tenant_id = $1"
        f" AND a.territory_model_id = {model_id} AND a.active_until IS DISTINCT FROM a.active_from)"
    )


def standing(at: str, place: str = "p") -> str:
    """Write the condition under which a place of its model is the one that counts.

    Args:
        at: SQL of the instant.
        place: the alias of `app.territory_place`.
    """
    return (
        f"({place}.valid_from IS NULL OR {place}.valid_from <= {at})"
        f" AND ({place}.valid_until IS NULL OR {place}.valid_until > {at})"
    )


def places_at(at: str) -> str:
    """Write a sub-select of the tree at an instant: `territory_id`, `parent_id`, `position`.

    Over `$1`, the tenant. A territory that is missing stands in no tree then.
    """
    return (
        "(SELECT p.territory_id, p.parent_id, p.position, p.territory_model_id, p.rule"
        " FROM app.territory_activation a JOIN app.territory_place p ON p.tenant_id = $1"
        f" AND p.territory_model_id = a.territory_model_id AND {standing(at)}"
        f" WHERE a.tenant_id = $1 AND {in_force(at)})"
    )


def parent_at(at: str, territory_id: str) -> str:
    """Write the parent of one territory at an instant, an expression that may be null."""
    return (
        "(SELECT p.parent_id FROM app.territory_place p JOIN app.territory_activation a"
        " ON a.tenant_id = $1 AND a.territory_model_id = p.territory_model_id"
        f" AND {in_force(at)} WHERE p.tenant_id = $1 AND p.territory_id = {territory_id}"
        f" AND {standing(at)})"
    )
