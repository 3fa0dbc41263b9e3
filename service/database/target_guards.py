"""What the database itself keeps true of target plans, whoever writes (targets page, I1 to I3).

Triggers for statements and not for rows: 100,000 targets are set in one statement, and what is
looked at is each parent once. They look when the statement ends, so whoever sets several targets
sets them in one.
"""

from typing import Final

from service.database.tables import SCHEMA

SUMS_HOLD: Final = "target_sums_hold"
AMOUNT_STAYS: Final = "target_amount_stays"

# As a constraint tells its value, for the answer to name the target.
_TOLD: Final = "format('Key (target)=(%s %s %s)', broken.id, broken.total, broken.wanted)"
# What a node has to give out: with its over-assignment, half up away from zero; its periods have
# exactly what it has. Overlay targets stand beside and are in no sum; ratios do not add up.
_ADDS_UP: Final = f"""NOT EXISTS (SELECT FROM {SCHEMA}.metric m WHERE m.tenant_id = tenant
              AND m.id = n.metric_id AND m.unit = 'RATIO')"""
_REFUSE_BROKEN: Final = f"""
CREATE OR REPLACE FUNCTION {SCHEMA}.refuse_broken_target_sums(tenant uuid, nodes uuid[])
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE broken record;
BEGIN
    -- Joined, and not compared with the array: of 100,000 ids each row would look through all.
    WITH guarded AS MATERIALIZED (
        SELECT n.id, n.amount, n.over_assignment_basis_points AS over,
               l.published_at IS NOT NULL AS published
        FROM (SELECT DISTINCT e.id FROM unnest(nodes) e (id)) u
        JOIN {SCHEMA}.target_node n ON n.tenant_id = tenant AND n.id = u.id
        JOIN {SCHEMA}.target_plan l ON l.tenant_id = tenant AND l.id = n.plan_id
        WHERE l.state NOT IN ('DRAFT', 'TOP_DOWN_SET')
          AND {_ADDS_UP}
    ), figures AS (
        SELECT g.id, g.over, b.split,
               g.amount + CASE WHEN g.published THEN coalesce((
                   SELECT sum(c.delta) FROM {SCHEMA}.target_change c
                   WHERE c.tenant_id = tenant AND c.node_id = g.id), 0) ELSE 0 END AS figure,
               b.amount + CASE WHEN g.published THEN coalesce((
                   SELECT sum(c.delta) FROM {SCHEMA}.target_change c
                   WHERE c.tenant_id = tenant AND c.node_id = b.id), 0) ELSE 0 END AS part
        FROM guarded g JOIN {SCHEMA}.target_node b
          ON b.tenant_id = tenant AND b.parent_id = g.id AND b.kind <> 'OVERLAY'
    ), sums AS (
        SELECT f.id, sum(f.part) AS total,
               CASE WHEN f.split = 'PERIOD' THEN f.figure
                    ELSE round(f.figure * (10000 + f.over) / 10000) END AS wanted
        FROM figures f GROUP BY f.id, f.over, f.split, f.figure
    )
    SELECT w.id, w.wanted, w.total INTO broken FROM sums w WHERE w.total <> w.wanted LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the parts of target % sum to %, not to %',
            broken.id, broken.total, broken.wanted
            USING ERRCODE = '23514', CONSTRAINT = '{SUMS_HOLD}', DETAIL = {_TOLD};
    END IF;
END $$
"""
# Of a statement that writes many nodes the whole plan is summed in one go: looking parent by parent
# through 10,000 of them takes as long as writing the 100,000 nodes below them.
_MANY: Final = 500
_IN_SUMS: Final = f"""b.plan_id = plan AND b.kind <> 'OVERLAY' AND b.parent_id IS NOT NULL
          AND b.metric_id NOT IN (
              SELECT m.id FROM {SCHEMA}.metric m WHERE m.tenant_id = tenant AND m.unit = 'RATIO')"""
# What is not over-assigned is compared as it stands: dividing 20,000 figures exactly takes long.
_HAS_TO_BE: Final = """CASE WHEN f.is_period OR f.over = 0 THEN f.figure
            ELSE round(f.figure::numeric * (10000 + f.over) / 10000) END"""
_FIND_BROKEN: Final = f"""sums AS (
            SELECT b.parent_id, b.split = 'PERIOD' AS is_period, {{total}} AS total
            FROM {SCHEMA}.target_node b{{moved_parts}}
            WHERE b.tenant_id = tenant AND {_IN_SUMS}
            GROUP BY 1, 2
        ), figures AS (
            SELECT s.parent_id AS id, s.total, s.is_period, g.over_assignment_basis_points AS over,
                   {{figure}} AS figure
            FROM sums s
            JOIN {SCHEMA}.target_node g ON g.tenant_id = tenant AND g.id = s.parent_id
            {{moved_wholes}}
        ), wanted AS (SELECT f.id, f.total, {_HAS_TO_BE} AS wanted FROM figures f)
        SELECT w.id, w.wanted, w.total INTO broken FROM wanted w WHERE w.total <> w.wanted LIMIT 1;
"""
_AS_SET: Final = _FIND_BROKEN.format(
    total="sum(b.amount)", figure="g.amount", moved_parts="", moved_wholes=""
)
_AS_CHANGED: Final = _FIND_BROKEN.format(
    total="sum(b.amount) + coalesce(sum(m.delta), 0)",
    figure="g.amount + coalesce(m.delta, 0)",
    moved_parts=" LEFT JOIN moved m ON m.node_id = b.id",
    moved_wholes="LEFT JOIN moved m ON m.node_id = g.id",
)
_REFUSE_BROKEN_PLAN: Final = f"""
CREATE OR REPLACE FUNCTION {SCHEMA}.refuse_broken_target_plan(tenant uuid, plan uuid)
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog SET enable_nestloop = off AS $$
DECLARE broken record;
BEGIN
    -- Most plans that are set in one statement are not published, and nothing of them has changed.
    IF NOT EXISTS (SELECT FROM {SCHEMA}.target_change c
                   WHERE c.tenant_id = tenant AND c.plan_id = plan) THEN
        WITH {_AS_SET}
    ELSE
        WITH moved AS MATERIALIZED (
            SELECT c.node_id, sum(c.delta) AS delta FROM {SCHEMA}.target_change c
            WHERE c.tenant_id = tenant AND c.plan_id = plan GROUP BY 1
        ), {_AS_CHANGED}
    END IF;
    IF FOUND THEN
        RAISE EXCEPTION 'the parts of target % sum to %, not to %',
            broken.id, broken.total, broken.wanted
            USING ERRCODE = '23514', CONSTRAINT = '{SUMS_HOLD}', DETAIL = {_TOLD};
    END IF;
END $$
"""
# Two parts of a function of nodes that were written: each of them and each one above, once. While a
# plan is drafted its sums may be open, and nothing of it is published. What was written is read
# through once, by itself: joined at once, the wall of the plans would be asked of each node.
_OF_EACH_PLAN: Final = f"""    FOR touched IN
        WITH w AS MATERIALIZED (
            SELECT n.tenant_id, n.plan_id, count(*) AS n FROM written n GROUP BY 1, 2)
        SELECT w.tenant_id, w.plan_id, w.n, l.state FROM w
        JOIN {SCHEMA}.target_plan l ON l.tenant_id = w.tenant_id AND l.id = w.plan_id
        WHERE l.state NOT IN ('DRAFT', 'TOP_DOWN_SET')
    LOOP
"""
_LOOKED_AT: Final = f"""        IF touched.n > {_MANY} THEN
            PERFORM {SCHEMA}.refuse_broken_target_plan(touched.tenant_id, touched.plan_id);
        ELSE
            PERFORM {SCHEMA}.refuse_broken_target_sums(touched.tenant_id, ARRAY(
                SELECT n.parent_id FROM written n WHERE n.parent_id IS NOT NULL
                AND n.tenant_id = touched.tenant_id AND n.plan_id = touched.plan_id
                UNION SELECT n.id FROM written n
                WHERE n.tenant_id = touched.tenant_id AND n.plan_id = touched.plan_id));
        END IF;
    END LOOP;
    RETURN NULL;
END $$
"""
_NODES_WRITTEN: Final = f"""
CREATE OR REPLACE FUNCTION {SCHEMA}.target_nodes_written() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
DECLARE touched record;
BEGIN
{_OF_EACH_PLAN}{_LOOKED_AT}"""
_NODES_SET: Final = f"""
CREATE OR REPLACE FUNCTION {SCHEMA}.target_nodes_set() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
DECLARE touched record;
BEGIN
{_OF_EACH_PLAN}        IF touched.state IN ('APPROVED', 'PUBLISHED', 'REVISED', 'CLOSED')
            AND EXISTS (SELECT FROM written w JOIN before b
            ON b.tenant_id = w.tenant_id AND b.id = w.id AND b.amount <> w.amount
            WHERE w.tenant_id = touched.tenant_id AND w.plan_id = touched.plan_id) THEN
            RAISE EXCEPTION 'a published target stays as it was set'
                USING ERRCODE = '23514', CONSTRAINT = '{AMOUNT_STAYS}';
        END IF;
{_LOOKED_AT}"""
_CHANGES_WRITTEN: Final = f"""
CREATE OR REPLACE FUNCTION {SCHEMA}.target_changes_written() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
DECLARE touched record;
BEGIN
    FOR touched IN
        SELECT n.tenant_id, array_agg(DISTINCT n.id) || array_agg(DISTINCT n.parent_id) AS nodes
        FROM written c JOIN {SCHEMA}.target_node n
          ON n.tenant_id = c.tenant_id AND n.id = c.node_id GROUP BY 1
    LOOP
        PERFORM {SCHEMA}.refuse_broken_target_sums(touched.tenant_id, touched.nodes);
    END LOOP;
    RETURN NULL;
END $$
"""
_PLAN_MOVED: Final = f"""
CREATE OR REPLACE FUNCTION {SCHEMA}.target_plan_moved() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
BEGIN
    PERFORM {SCHEMA}.refuse_broken_target_sums(NEW.tenant_id, ARRAY(
        SELECT n.id FROM {SCHEMA}.target_node n
        WHERE n.tenant_id = NEW.tenant_id AND n.plan_id = NEW.id));
    RETURN NULL;
END $$
"""

TARGET_FUNCTIONS: Final = (
    _REFUSE_BROKEN,
    _REFUSE_BROKEN_PLAN,
    _NODES_WRITTEN,
    _NODES_SET,
    _CHANGES_WRITTEN,
    _PLAN_MOVED,
)
TARGET_TRIGGERS: Final = (
    f"CREATE TRIGGER target_node_written AFTER INSERT ON {SCHEMA}.target_node"
    " REFERENCING NEW TABLE AS written"
    f" FOR EACH STATEMENT EXECUTE FUNCTION {SCHEMA}.target_nodes_written()",
    f"CREATE TRIGGER target_node_set AFTER UPDATE ON {SCHEMA}.target_node"
    " REFERENCING OLD TABLE AS before NEW TABLE AS written"
    f" FOR EACH STATEMENT EXECUTE FUNCTION {SCHEMA}.target_nodes_set()",
    f"CREATE TRIGGER target_change_written AFTER INSERT ON {SCHEMA}.target_change"
    " REFERENCING NEW TABLE AS written"
    f" FOR EACH STATEMENT EXECUTE FUNCTION {SCHEMA}.target_changes_written()",
    f"CREATE CONSTRAINT TRIGGER target_plan_moved AFTER UPDATE ON {SCHEMA}.target_plan"
    " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
    " WHEN (OLD.state IN ('DRAFT', 'TOP_DOWN_SET')"
    " AND NEW.state NOT IN ('DRAFT', 'TOP_DOWN_SET'))"
    f" EXECUTE FUNCTION {SCHEMA}.target_plan_moved()",
)
