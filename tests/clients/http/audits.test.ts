/**
 * The audits of `graphql-http`, one test each.
 *
 * An audit is a MUST (error), a SHOULD (warn) or a MAY (notice). Errors and warnings are faults. A
 * notice is one only where it is not among DECIDED: there we decided otherwise and say why.
 */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { type AuditResult, serverAudits } from "graphql-http";
import { fetchAs, GRAPHQL } from "../shared/server";

/** Optional behaviour that the API does not show, by the audit's id. */
const DECIDED = new Map([
  ["5A70", "a query by GET names a registered document: no document text in addresses and logs"],
  ["D6D5", "the same, with variables"],
  ["6A70", "the same, with variables, for clients of plain JSON"],
]);

const results = new Map<string, AuditResult["status"]>();
const audits = serverAudits({ url: GRAPHQL, fetchFn: await fetchAs("desk") });

test("the suite has the audits this file was written for", () => {
  assert.equal(audits.length, 61);
});

for (const audit of audits) {
  test(`${audit.id} ${audit.name}`, async () => {
    const result = await audit.fn();
    results.set(audit.id, result.status);
    if (result.status === "ok") return;
    if (result.status === "notice" && DECIDED.has(audit.id)) return;
    assert.fail(`${result.status}: ${result.reason}`);
  });
}

after(() => {
  const differing = [...DECIDED.keys()].filter((id) => results.get(id) !== "notice");
  assert.deepEqual(differing, [], "decided otherwise, but the audit is content");
});
