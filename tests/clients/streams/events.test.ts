/** The reference client of GraphQL over server-sent events, distinct connections. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "graphql-sse";
import { fetchAs, GRAPHQL } from "../shared/server";
import { arrive, SITE, until, type VisitEvent, VISITS, whileArriving } from "./arrivals";

const client = createClient({
  url: GRAPHQL,
  fetchFn: await fetchAs("manager"),
  retryAttempts: 0,
});

function follow(variables: Record<string, unknown>) {
  return client.iterate<VisitEvent>({ query: VISITS, variables }) as AsyncGenerator<{
    data?: VisitEvent | null;
    errors?: readonly { extensions: { code: string } }[];
  }>;
}

test("changes come as they happen, and again from a cursor", async () => {
  const events = follow({ siteId: SITE });
  const cursor = (await whileArriving("流五", events.next())).value?.data?.visitChanged.cursor;
  assert.ok(cursor);
  await events.return(undefined);

  const wanted = [await arrive("流六"), await arrive("流七")];
  const again = follow({ siteId: SITE, after: cursor });
  const seen = await until(again, (got) =>
    wanted.every((id) => got.some(({ data }) => data?.visitChanged.visit.id === id)),
  );
  const cursors = seen.map(({ data }) => data?.visitChanged.cursor);
  assert.equal(new Set(cursors).size, cursors.length);
  assert.ok(!cursors.includes(cursor), "what was received is not sent again");
  await again.return(undefined);
});

test("what cannot be followed is told as an error, and the stream ends", async () => {
  const events = follow({ siteId: "site_0199c2f0-7d1e-7a55-8a3e-5f0c9b1f2a10" });
  const { value } = await events.next();
  assert.equal(value?.errors?.[0]?.extensions.code, "NOT_FOUND");
  assert.equal((await events.next()).done, true);
});

test("nobody gets no stream", async () => {
  const answer = await fetch(GRAPHQL, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "text/event-stream" },
    body: JSON.stringify({ query: VISITS, variables: { siteId: SITE } }),
  });
  assert.equal(answer.status, 401);
  await answer.body?.cancel();
});
