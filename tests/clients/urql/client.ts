/** An urql client as a front end would set it up: normalised cache, pages joined. */
import { type Client, createClient, type Exchange, fetchExchange } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import { relayPagination } from "@urql/exchange-graphcache/extras";
import { buildSchema, introspectionFromSchema, isObjectType } from "graphql";
import { fetchAs, GRAPHQL, SERVER } from "../shared/server";

const schema = buildSchema(await (await fetch(`${SERVER}/schema.graphql`)).text());

/** Parts of a record that have no id of their own and live inside it. */
const EMBEDDED = Object.values(schema.getTypeMap())
  .filter((type) => isObjectType(type) && !("id" in type.getFields()))
  .map(({ name }) => name)
  .filter((name) => !["Query", "Mutation", "Subscription"].includes(name));

export interface Recorded {
  readonly client: Client;
  /** How many requests went out. */
  requests(): number;
}

/** Make a client for a person; the exchanges given come last. */
export async function clientOf(person: string, ...last: Exchange[]): Promise<Recorded> {
  const fetched = await fetchAs(person);
  let sent = 0;
  const counting: typeof fetch = (input, init) => {
    sent += 1;
    return fetched(input, init);
  };
  const client = createClient({
    url: GRAPHQL,
    preferGetMethod: false,
    fetch: counting,
    exchanges: [
      cacheExchange({
        schema: introspectionFromSchema(schema) as never,
        keys: Object.fromEntries(EMBEDDED.map((name) => [name, () => null])),
        logger: (severity, message) => {
          if (severity !== "debug") throw new Error(`${severity}: ${message}`);
        },
        resolvers: { Query: { visits: relayPagination() } },
      }),
      fetchExchange,
      ...last,
    ],
  });
  return { client, requests: () => sent };
}
