/** What a generator reads from the running server is the schema that lies in the project. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  buildClientSchema,
  buildSchema,
  getIntrospectionQuery,
  type IntrospectionQuery,
  lexicographicSortSchema,
  printSchema,
} from "graphql";
import { fetchAs, GRAPHQL, SERVER } from "../shared/server";

const committed = readFileSync(
  new URL("../../../service/schema/schema.graphql", import.meta.url),
  "utf-8",
);

test("introspection tells the committed schema, with its scalars' pages and its inputs of one", async () => {
  const asked = await fetchAs("desk");
  const query = getIntrospectionQuery({
    specifiedByUrl: true,
    inputValueDeprecation: true,
    oneOf: true,
    directiveIsRepeatable: true,
    schemaDescription: true,
  });
  const answer = await asked(GRAPHQL, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/graphql-response+json" },
    body: JSON.stringify({ query }),
  });
  assert.equal(answer.status, 200);
  const { data } = (await answer.json()) as { data: IntrospectionQuery };
  const told = lexicographicSortSchema(buildClientSchema(data));
  const lying = lexicographicSortSchema(buildSchema(committed));
  assert.equal(printSchema(told), printSchema(lying));
});

test("the schema's text is served to whoever asks, as it was committed", async () => {
  const answer = await fetch(`${SERVER}/schema.graphql`);
  assert.equal(answer.status, 200);
  assert.equal(await answer.text(), committed);
});
