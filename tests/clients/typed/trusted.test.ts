/** Generated documents asked by their hash: by POST, by GET with a tag, and never remembered. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fetchAs, GRAPHQL } from "../shared/server";

const manifest = JSON.parse(
  readFileSync(new URL("../build/generated/persisted-documents.json", import.meta.url), "utf-8"),
) as Record<string, string>;
const asked = await fetchAs("manager");
const MEDIA = "application/graphql-response+json";

function named(operation: string): string {
  const found = Object.entries(manifest).find(([, text]) => text.includes(` ${operation}`));
  assert.ok(found, operation);
  return `sha256:${found[0]}`;
}

function post(body: object): Promise<Response> {
  return asked(GRAPHQL, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: MEDIA },
    body: JSON.stringify(body),
  });
}

function get(parameters: Record<string, string>, headers: Record<string, string> = {}) {
  const query = new URLSearchParams(parameters);
  return asked(`${GRAPHQL}?${query}`, { headers: { Accept: MEDIA, ...headers } });
}

async function code(answer: Response): Promise<unknown> {
  const { errors } = (await answer.json()) as { errors: { extensions: { code: string } }[] };
  return errors[0]?.extensions.code;
}

test("a document is answered by its hash, in the appendix's form and in Apollo's", async () => {
  const documentId = named("VisitsPage");
  const variables = { first: 2 };
  const one = await post({ documentId, variables });
  const hash = documentId.replace("sha256:", "");
  const extensions = { persistedQuery: { version: 1, sha256Hash: hash } };
  const other = await post({ extensions, variables });
  assert.deepEqual([one.status, other.status], [200, 200]);
  const [{ data }, { data: same }] = (await Promise.all([one.json(), other.json()])) as {
    data: { visits: { edges: unknown[] } };
  }[] as [{ data: { visits: { edges: unknown[] } } }, { data: unknown }];
  assert.equal(data.visits.edges.length, 2);
  assert.deepEqual(same, data);
});

test("a query by GET has a tag, and is not sent again while it is the same", async () => {
  const documentId = named("Sites");
  const first = await get({ documentId });
  assert.equal(first.status, 200);
  const tag = first.headers.get("ETag");
  assert.match(tag ?? "", /^W\//);
  assert.match(first.headers.get("Cache-Control") ?? "", /private/);
  const again = await get({ documentId }, { "If-None-Match": tag ?? "" });
  assert.equal(again.status, 304);
  assert.equal(await again.text(), "");
});

test("a mutation is not asked by GET", async () => {
  const answer = await get({ documentId: named("CloseVisit"), variables: "{}" });
  assert.equal(answer.status, 405);
  assert.equal(answer.headers.get("Allow"), "POST");
});

test("an unknown hash is told, and no text is ever remembered under one", async () => {
  const query = "{ viewer { locale } }";
  const hash = createHash("sha256").update(query).digest("hex");
  const extensions = { persistedQuery: { version: 1, sha256Hash: hash } };
  assert.equal(await code(await post({ extensions })), "PERSISTED_QUERY_NOT_FOUND");
  assert.equal((await post({ query, extensions })).status, 200);
  assert.equal(await code(await post({ extensions })), "PERSISTED_QUERY_NOT_FOUND");
  assert.equal(await code(await post({ documentId: `sha256:${hash}` })), "PERSISTED_QUERY_NOT_FOUND");
});
