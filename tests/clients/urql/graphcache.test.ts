/** urql with its normalised cache: a query, a mutation with a typed error, paging. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ArriveDocument,
  CloseVisitDocument,
  LiveQueueDocument,
  ReassignDocument,
  RefetchDocument,
  SitesDocument,
  VisitByIdDocument,
  VisitsPageDocument,
  WhoamiDocument,
} from "../build/generated/graphql";
import { idempotencyKey, serverNow } from "../shared/server";
import { clientOf } from "./client";

const NETWORK = { requestPolicy: "network-only" } as const;

async function showroom(): Promise<string> {
  const { client } = await clientOf("desk");
  const found = await client.query(SitesDocument, {});
  const id = found.data?.sites.nodes[0]?.id;
  assert.ok(id);
  return id;
}

/** The morning of the clients' Monday, before the showroom opens. */
function today(): string {
  return `${serverNow().toISOString().slice(0, 10)}T00:00:00Z`;
}

async function arrive(phone: string) {
  const { client } = await clientOf("desk");
  const siteId = await showroom();
  return client.mutation(ArriveDocument, {
    input: {
      idempotencyKey: idempotencyKey(),
      siteId,
      customer: { newCustomer: { fullName: "林一凡", phones: [phone] } },
      occurredAt: serverNow().toISOString(),
    },
  });
}

test("a query is answered from the cache the second time", async () => {
  const { client, requests } = await clientOf("desk");
  const siteId = await showroom();
  const first = await client.query(LiveQueueDocument, { siteId });
  assert.equal(first.error, undefined);
  assert.ok(first.data?.site?.receptionQueue?.places.length);
  const second = await client.query(LiveQueueDocument, { siteId });
  assert.deepEqual(second.data, first.data);
  assert.equal(requests(), 1);
});

test("what a mutation answers changes what the cache shows of the record", async () => {
  const { client, requests } = await clientOf("manager");
  const arrived = await arrive("13800010001");
  assert.equal(arrived.error, undefined);
  assert.deepEqual(arrived.data?.recordArrival.errors, []);
  const id = arrived.data?.recordArrival.visit?.id;
  assert.ok(id);

  const before = await client.query(VisitByIdDocument, { id });
  assert.notEqual(before.data?.visit?.state, "CLOSED");
  const closing = await clientOf("desk");
  const input = { idempotencyKey: idempotencyKey(), visitId: id };
  await closing.client.query(VisitByIdDocument, { id });
  const closed = await closing.client.mutation(CloseVisitDocument, { input });
  assert.deepEqual(closed.data?.closeVisit.errors, []);

  // The person who closed it reads nothing anew, everybody else asks the server.
  const shown = await closing.client.query(VisitByIdDocument, { id });
  assert.equal(shown.data?.visit?.state, "CLOSED");
  assert.equal(closing.requests(), 2);
  const asked = await client.query(VisitByIdDocument, { id }, NETWORK);
  assert.equal(asked.data?.visit?.state, "CLOSED");
  assert.ok((asked.data?.visit?.version ?? 0) > (before.data?.visit?.version ?? 0));
  assert.equal(requests(), 2);
});

test("the same key is the same arrival", async () => {
  const { client } = await clientOf("desk");
  const siteId = await showroom();
  const input = {
    idempotencyKey: idempotencyKey(),
    siteId,
    customer: { newCustomer: { fullName: "周小满", phones: ["13800010002"] } },
  };
  const first = await client.mutation(ArriveDocument, { input });
  const again = await client.mutation(ArriveDocument, { input });
  assert.equal(first.data?.recordArrival.replayed, false);
  assert.equal(again.data?.recordArrival.replayed, true);
  assert.equal(again.data?.recordArrival.visit?.id, first.data?.recordArrival.visit?.id);
});

test("a refusal is data with a code, not a failed request", async () => {
  const { client } = await clientOf("desk");
  const visit = (await arrive("13800010003")).data?.recordArrival.visit;
  assert.ok(visit?.receiver);
  const refused = await client.mutation(ReassignDocument, {
    input: {
      idempotencyKey: idempotencyKey(),
      visitId: visit.id,
      memberId: visit.receiver.id,
      reason: "他说认识",
    },
  });
  assert.equal(refused.error, undefined);
  assert.equal(refused.data?.reassignReception.visit, null);
  assert.deepEqual(
    refused.data?.reassignReception.errors.map(({ code, category }) => [code, category]),
    [["FORBIDDEN", "FORBIDDEN"]],
  );
});

test("pages join into one list, each record once", async () => {
  const { client } = await clientOf("manager");
  // The demo's own past: how many visitors the other clients record depends on the machine's speed.
  const filter = { arrivedAt: { lt: today() } };
  const whole = await client.query(VisitsPageDocument, { first: 200, filter }, NETWORK);
  const expected = whole.data?.visits.edges.map(({ node }) => node.id);
  assert.ok(expected && expected.length > 4);
  assert.equal(whole.data?.visits.totalCount, expected.length);

  const paged = await clientOf("manager");
  let after: string | null | undefined;
  let pages = 0;
  for (let more = true; more; pages += 1) {
    const variables = { first: 3, after: after ?? null, filter };
    const page = await paged.client.query(VisitsPageDocument, variables);
    assert.equal(page.error, undefined);
    const joined = page.data?.visits.edges.map(({ node }) => node.id) ?? [];
    const soFar = Math.min(3 * (pages + 1), expected.length);
    assert.deepEqual(joined, expected.slice(0, soFar));
    after = page.data?.visits.pageInfo.endCursor;
    more = page.data?.visits.pageInfo.hasNextPage ?? false;
  }
  assert.equal(pages, Math.ceil(expected.length / 3));
});

test("a record is fetched again by its id, whatever it is", async () => {
  const { client } = await clientOf("manager");
  const me = await client.query(WhoamiDocument, {});
  const visit = (await arrive("13800010004")).data?.recordArrival.visit;
  assert.ok(me.data?.viewer.member && visit);
  const found = await client.query(RefetchDocument, {
    ids: [visit.id, me.data.viewer.member.id, "visit_unknown"],
  });
  assert.equal(found.error, undefined);
  assert.deepEqual(
    found.data?.nodes.map((node) => node?.__typename ?? null),
    ["Visit", "Member", null],
  );
});

test("nobody signed in is a failed request with a code", async () => {
  const { client } = await clientOf("desk");
  const context = { fetch: fetch };
  const answer = await client.query(WhoamiDocument, {}, context);
  assert.equal(answer.data, undefined);
  assert.equal(answer.error?.response?.status, 401);
  assert.equal(answer.error?.graphQLErrors[0]?.extensions.code, "UNAUTHENTICATED");
});
