"""Where each unit of the company stood at an instant: one text, whoever asks."""


def units_at(at: str) -> str:
    """Write a sub-select of the company tree at an instant: `org_unit_id`, `parent_id`.

    Over `$1`, the tenant. A unit that was made later stands where it was put first: whether it is
    of that day is for who asks to say.

    Args:
        at: SQL of the instant.
    """
    return (
        "(SELECT u.id AS org_unit_id, CASE WHEN f.moved THEN f.parent_id ELSE u.parent_id END"
        " AS parent_id FROM app.org_unit u LEFT JOIN (SELECT DISTINCT ON (p.org_unit_id)"
        " p.org_unit_id, p.parent_id, TRUE AS moved FROM app.former_parent p"
        f" WHERE p.tenant_id = $1 AND p.recorded_at > {at}"
        " ORDER BY p.org_unit_id, p.recorded_at, p.id) f ON f.org_unit_id = u.id"
        " WHERE u.tenant_id = $1)"
    )
