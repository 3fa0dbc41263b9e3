"""What is read of a tenant's past, a span of time at once: $1 the tenant, $2 from, $3 until.

Where what was decided could change later, $4 is the end of all that is read: what counts is what
stood then, whatever came of it since.
"""

from typing import Final

SITES: Final = """
SELECT s.id, s.time_zone, s.manager_id FROM app.site s WHERE s.tenant_id = $1 ORDER BY s.id
"""
MEMBERS: Final = """
SELECT m.id, m.staff_code FROM app.member m WHERE m.tenant_id = $1 ORDER BY m.id
"""
# Who never signed in anywhere, such as a clerk, holds no register.
RECEIVERS: Final = """
SELECT DISTINCT p.member_id FROM app.presence p WHERE p.tenant_id = $1
"""
ROLES: Final = """
SELECT a.member_id, a.valid_from, a.valid_until, r.code FROM app.assignment a
JOIN app.role r ON r.tenant_id = $1 AND r.id = a.role_id
WHERE a.tenant_id = $1 ORDER BY a.member_id, a.valid_from
"""
SHIFTS: Final = """
SELECT h.id, h.site_id, h.member_id, h.day, h.starts_at, h.ends_at, h.created_at, h.cancelled_at
FROM app.shift h WHERE h.tenant_id = $1
"""
SHIFTS_MOVED: Final = """
SELECT a.at, a.subject_id, a.details FROM app.audit_event a
WHERE a.tenant_id = $1 AND a.command = 'change_shift' ORDER BY a.at, a.transaction, a.id
"""
DELEGATIONS: Final = """
SELECT d.from_member_id, d.to_member_id, d.valid_from,
    least(d.valid_until, coalesce(d.ended_at, d.valid_until)) AS valid_until
FROM app.delegation d WHERE d.tenant_id = $1 ORDER BY d.valid_from
"""
CALLS: Final = """
SELECT k.id, k.site_id, k.called_at AS at, k.phone, k.taker_id, k.caller_name,
    coalesce((SELECT x.party_id FROM app.removed_phone x
              WHERE x.tenant_id = $1 AND x.phone = k.phone AND x.removed_at > k.called_at
              ORDER BY x.removed_at LIMIT 1),
             (SELECT c.party_id FROM app.contact_point c
              WHERE c.tenant_id = $1 AND c.phone = k.phone)) AS party_id,
    (SELECT r.id FROM app.registration r
     WHERE r.tenant_id = $1 AND r.call_id = k.id
     ORDER BY r.corrects_id IS NOT NULL, r.entered_at, r.id LIMIT 1) AS entry_id
FROM app.call_record k
WHERE k.tenant_id = $1 AND k.called_at >= $2 AND k.called_at < $3 ORDER BY k.called_at, k.id
"""
VISITS: Final = """
WITH moved AS MATERIALIZED (
    SELECT DISTINCT ON (a.details->>'visit') (a.details->>'visit')::uuid AS visit_id,
        (a.details->>'was')::uuid AS was
    FROM app.audit_event a
    WHERE a.tenant_id = $1 AND a.command = 'correct_registration' AND a.details ? 'was'
    ORDER BY a.details->>'visit', a.at, a.transaction, a.id),
changed AS MATERIALIZED (
    SELECT v.id AS visit_id FROM app.visit v
    JOIN app.decision d ON d.tenant_id = $1 AND d.subject_id = v.id AND d.kind = 'RECEPTION'
        AND d.at >= $4
    WHERE v.tenant_id = $1 AND v.arrived_at >= $2 AND v.arrived_at < $3
    UNION
    SELECT v.id FROM app.dispute x
    JOIN app.dispute_step t ON t.tenant_id = $1 AND t.dispute_id = x.id AND t.at >= $4
    JOIN app.visit v ON v.tenant_id = $1 AND v.site_id = x.site_id AND (v.party_id = x.party_id
        OR EXISTS (SELECT FROM moved WHERE moved.visit_id = v.id AND moved.was = x.party_id))
    WHERE x.tenant_id = $1 AND x.subject = 'CUSTOMER'
      AND v.arrived_at >= $2 AND v.arrived_at < $3)
SELECT v.id, v.site_id, v.number, v.arrived_at AS at, v.left_at,
    coalesce(moved.was, v.party_id) AS party_id, v.phones, v.way,
    v.said_before, v.named_member_id, v.referrer_party_id, v.survey, v.unit_code, v.taken_by_id,
    v.together_with_id,
    v.receiver_id, v.owner_kind, v.owner_id, v.turn_member_id, v.mode, v.obligation, v.rule,
    ARRAY(SELECT vp.party_id FROM app.visit_party vp
          WHERE vp.tenant_id = $1 AND vp.visit_id = v.id ORDER BY vp.party_id) AS parties,
    -- An id carries the instant of its making.
    (SELECT min(uuid_extract_timestamp(vp.id)) FROM app.visit_party vp WHERE vp.tenant_id = $1
        AND vp.visit_id = v.id AND uuid_extract_timestamp(vp.id) > v.arrived_at) AS met_later,
    d.facts, d.transaction, d.outcome->'names'->>'named' AS named,
    changed.visit_id IS NOT NULL AS changed,
    CASE WHEN changed.visit_id IS NOT NULL THEN (
        SELECT CASE WHEN c.outcome ? 'mode' AND NOT EXISTS (
                SELECT FROM app.dispute x
                JOIN app.dispute_step t ON t.tenant_id = $1 AND t.dispute_id = x.id
                    AND t.at >= c.at AND t.at < $4
                WHERE x.tenant_id = $1 AND x.subject = 'CUSTOMER' AND x.site_id = v.site_id
                    AND x.party_id IN (v.party_id, moved.was))
            THEN c.outcome || jsonb_build_object('rule', c.rule) END
        FROM app.decision c
        WHERE c.tenant_id = $1 AND c.subject_id = v.id AND c.kind = 'RECEPTION' AND c.at < $4
          AND NOT c.facts ?| ARRAY['admitted', 'breach']
        ORDER BY c.at DESC, c.transaction DESC, c.id DESC LIMIT 1) END AS stood
FROM app.visit v
LEFT JOIN moved ON moved.visit_id = v.id
LEFT JOIN changed ON changed.visit_id = v.id
LEFT JOIN LATERAL (
    SELECT d.facts, d.transaction, d.outcome FROM app.decision d
    WHERE d.tenant_id = $1 AND d.subject_id = v.id AND d.kind = 'RECEPTION'
      AND d.facts->>'registration' IS NOT NULL
    ORDER BY d.at, d.transaction, d.id LIMIT 1) d ON true
WHERE v.tenant_id = $1 AND v.arrived_at >= $2 AND v.arrived_at < $3
ORDER BY v.arrived_at, v.site_id, v.number
"""
# Commands that write no line of their own that a replay could read.
AUDIT: Final = """
SELECT a.command, a.at, a.subject_id, a.details, a.transaction FROM app.audit_event a
WHERE a.tenant_id = $1 AND a.command = ANY($4::text[]) AND a.at >= $2 AND a.at < $3
ORDER BY a.at, a.transaction, a.id
"""
COMMANDS: Final = [
    "sign_in",
    "sign_out",
    "go_away",
    "come_back",
    "take_day_off",
    "lift_penalty",
    "name_representative",
    "close_visit",
    "record_follow_up",
    "leave_member",
    "record_deal",
    "cancel_deal",
    "file_claim",
    "plan_shift",
    "change_shift",
    "cancel_shift",
]
# What was done to a visit after its arrival, by the facts its decision was made on.
LATER: Final = """
SELECT d.at, d.transaction, d.subject_id AS visit_id, d.facts,
    d.outcome->'names'->>'rep' AS member_id
FROM app.decision d
WHERE d.tenant_id = $1 AND d.kind = 'RECEPTION' AND d.subject_type = 'visit'
  AND d.at >= $2 AND d.at < $3 AND d.facts ?| ARRAY['admitted', 'manager_override', 'breach']
ORDER BY d.at, d.transaction, d.id
"""
ENTRIES: Final = """
SELECT r.id, r.entered_at AS at, r.member_id, r.party_id, r.site_id, r.visit_id, r.call_id,
    r.corrects_id, r.protected_until, r.voided_at, r.superseded_at, d.facts, d.transaction,
    CASE d.subject_type WHEN 'departure' THEN d.subject_id WHEN 'dispute' THEN d.id END
        AS made_of_id,
    p.id IS NOT NULL AS handed_out,
    EXISTS (SELECT FROM app.audit_event a WHERE a.tenant_id = $1 AND a.subject_id = r.id
            AND a.at = r.entered_at AND a.command = 'correct_registration') AS corrected
FROM app.registration r
LEFT JOIN app.pool_entry p
    ON p.tenant_id = $1 AND p.assigned_id = r.id AND p.assigned_by IS NOT NULL
JOIN app.decision d ON d.tenant_id = $1 AND d.id = r.decision_id
WHERE r.tenant_id = $1 AND r.entered_at >= $2 AND r.entered_at < $3
ORDER BY r.entered_at, r.register_book_id, r.entry_number
"""
FOLLOW_UPS: Final = """
SELECT f.at, f.registration_id, f.member_id, f.connected, r.member_id AS register_of, r.site_id,
    f.entry_number
FROM app.follow_up f
JOIN app.registration r ON r.tenant_id = $1 AND r.id = f.registration_id
WHERE f.tenant_id = $1 AND f.corrects_id IS NULL AND f.at >= $2 AND f.at < $3
ORDER BY f.at, f.registration_id, f.entry_number
"""
FINDINGS: Final = """
SELECT c.found_at AS at, c.member_id, c.site_id, c.named_registration_id, c.first_day, c.last_day,
    c.registration_ids, d.facts->>'names' AS names, d.transaction
FROM app.penalty_case c JOIN app.decision d ON d.tenant_id = $1 AND d.id = c.decision_id
WHERE c.tenant_id = $1 AND c.found_at >= $2 AND c.found_at < $3
ORDER BY c.found_at, d.transaction, c.id
"""
# Who goes by a departure loses his place with its transaction, before anything signs him out.
DEPARTURES: Final = """
SELECT d.done_at AS at, d.id, d.member_id, d.kind, coalesce(d.wish, 'NONE') AS wish,
    d.successor_id, n.transaction, CASE WHEN d.wish = 'SUCCESSOR' THEN ARRAY(
        SELECT DISTINCT p.site_id FROM app.pool_entry p
        WHERE p.tenant_id = $1 AND p.departure_id = d.id) END AS unreceived
FROM app.departure d
LEFT JOIN app.decision n ON n.tenant_id = $1 AND n.subject_id = d.id
    AND n.subject_type = 'departure'
WHERE d.tenant_id = $1 AND d.state = 'DONE' AND d.done_at >= $2 AND d.done_at < $3
ORDER BY d.done_at, n.transaction, d.id
"""
# Nobody is dealt a customer while his own departure is planned.
LEAVING: Final = """
SELECT d.member_id, d.kind, d.takes_effect_at AS due, d.created_at AS begins, coalesce(d.done_at, (
    SELECT min(a.at) FROM app.audit_event a WHERE a.tenant_id = $1 AND a.subject_id = d.id
      AND a.command = 'cancel_departure')) AS ends
FROM app.departure d WHERE d.tenant_id = $1 ORDER BY d.created_at, d.id
"""
HANDED_OUT: Final = """
SELECT p.taken_at AS at, p.site_id, p.registration_id, p.assigned_id, p.taken_by, p.by_rotation,
    p.from_member_id, d.transaction
FROM app.pool_entry p
JOIN app.registration r ON r.tenant_id = $1 AND r.id = p.assigned_id
JOIN app.decision d ON d.tenant_id = $1 AND d.id = r.decision_id
WHERE p.tenant_id = $1 AND p.assigned_by IS NOT NULL AND p.taken_at >= $2 AND p.taken_at < $3
ORDER BY p.taken_at, d.transaction, p.id
"""
RELATIONS: Final = """
SELECT r.created_at AS at, r.party_id, r.other_party_id, r.kind, r.unit_code, r.created_by,
    r.on_behalf_of_id
FROM app.party_relation r
WHERE r.tenant_id = $1 AND r.created_at >= $2 AND r.created_at < $3 ORDER BY r.created_at, r.id
"""
DEALS: Final = """
SELECT d.id, d.signed_at AS at, d.visit_id, d.party_id, d.unit_code, d.provisional_at, d.site_id,
    d.claims_close_at, CASE WHEN d.contracted_at < $4 THEN d.contracted_at END AS contracted_at,
    (SELECT coalesce(jsonb_agg(jsonb_build_array(s.holder, s.member_id, s.basis_points)
                               ORDER BY s.holder, s.member_id), '[]')
     FROM app.credit_share s WHERE s.tenant_id = $1 AND s.deal_id = d.id
       AND s.decision_id = CASE WHEN n.at < $4 THEN n.id ELSE (
           SELECT c.id FROM app.decision c
           WHERE c.tenant_id = $1 AND c.subject_id = d.id AND c.kind = 'CREDIT' AND c.at < $4
           ORDER BY c.at DESC, c.transaction DESC, c.id DESC LIMIT 1) END
       AND (d.cancelled_at IS NULL OR d.cancelled_at >= $4)) AS shares
FROM app.deal d
JOIN app.decision n ON n.tenant_id = $1 AND n.id = d.credit_decision_id
WHERE d.tenant_id = $1 AND d.signed_at >= $2 AND d.signed_at < $3 ORDER BY d.signed_at, d.id
"""
CANCELLED: Final = """
SELECT d.id, d.cancelled_at AS at, d.site_id FROM app.deal d
WHERE d.tenant_id = $1 AND d.cancelled_at >= $2 AND d.cancelled_at < $3
ORDER BY d.cancelled_at, d.id
"""
# Only a claim that was admitted is decided again, when its registration is found false.
CLAIMS: Final = """
SELECT c.id, c.filed_at AS at, c.deal_id, c.claimant_id, c.registration_id,
    CASE WHEN n.at < $4 THEN c.result ELSE 'ADMITTED' END AS result,
    c.stated_same_customer, d.site_id
FROM app.claim c JOIN app.deal d ON d.tenant_id = $1 AND d.id = c.deal_id
JOIN app.decision n ON n.tenant_id = $1 AND n.id = c.decision_id
WHERE c.tenant_id = $1 AND c.filed_at >= $2 AND c.filed_at < $3 ORDER BY c.filed_at, c.id
"""
# How disputes ended, or that they were open: as the credit was decided each time.
DISPUTED: Final = """
SELECT c.at, c.transaction, c.subject_id AS deal_id, c.facts->>'dispute' AS word, x.site_id,
    x.appeal_until,
    (SELECT coalesce(jsonb_agg(jsonb_build_array(s.holder, s.member_id, s.basis_points)
                               ORDER BY s.id), '[]')
     FROM app.credit_share s
     WHERE s.tenant_id = $1 AND s.deal_id = c.subject_id AND s.decision_id = c.id) AS shares
FROM app.dispute x
JOIN app.decision c ON c.tenant_id = $1 AND c.subject_id = x.deal_id AND c.kind = 'CREDIT'
WHERE x.tenant_id = $1 AND c.facts->>'dispute' IS NOT NULL AND c.at >= x.opened_at
  AND c.at >= $2 AND c.at < $3
ORDER BY c.at, c.transaction, c.id
"""
# How disputes about customers ended: by whom they were given, and by which decision.
AWARDED: Final = """
SELECT t.at, d.transaction, d.id AS decision_id, x.site_id, x.party_id, x.first_member_id,
    x.second_member_id, CASE WHEN t.first_basis_points = 10000 THEN x.first_member_id
        WHEN t.second_basis_points = 10000 THEN x.second_member_id END AS winner_id
FROM app.dispute x
JOIN app.dispute_step t ON t.tenant_id = $1 AND t.dispute_id = x.id
    AND (t.kind IN ('DECIDED', 'APPEAL_DECIDED') OR t.kind = 'PROPOSED' AND t.at = x.settled_at)
JOIN app.decision d ON d.tenant_id = $1 AND d.subject_id = x.id AND d.at = t.at
    AND d.outcome->>'answer' IN ('ALLOWED', 'SETTLED')
WHERE x.tenant_id = $1 AND x.subject = 'CUSTOMER' AND t.at >= $2 AND t.at < $3
    AND 10000 IN (t.first_basis_points, t.second_basis_points, t.company_basis_points)
ORDER BY t.at, d.transaction, t.id
"""
BEGINNING: Final = """
SELECT least(
    (SELECT min(v.arrived_at) FROM app.visit v WHERE v.tenant_id = $1),
    (SELECT min(k.called_at) FROM app.call_record k WHERE k.tenant_id = $1),
    (SELECT min(p.signed_in_at) FROM app.presence p WHERE p.tenant_id = $1),
    (SELECT min(r.created_at) FROM app.party_relation r WHERE r.tenant_id = $1)
)
"""
VERSIONS: Final = """
SELECT v.id, v.site_id, v.number, v.effective_from, v.effective_until, v.effective_on
FROM app.rulebook_version v
WHERE v.tenant_id = $1 AND v.policy = 'showroom' AND v.state = 'PUBLISHED'
ORDER BY v.effective_from, v.number
"""
