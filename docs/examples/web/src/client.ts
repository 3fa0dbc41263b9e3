/** urql with its normalised cache: what a command answers is what every part of the page shows. */
import { type Client, createClient, fetchExchange, subscriptionExchange } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import { persistedExchange } from "@urql/exchange-persisted";
import { createClient as createSocket, type Sink } from "graphql-ws";
import type { SignedIn } from "./session";

/** Parts of a record that have no id of their own live inside it. */
const EMBEDDED = [
  "CommandError",
  "NextInTurn",
  "QueuePlace",
  "ReceptionQueueEvent",
  "RecordArrivalPayload",
  "CloseVisitPayload",
  "SiteConnection",
  "Viewer",
  "VisitConnection",
];

/**
 * Make a client for a signed-in person.
 *
 * The socket never comes again by itself: it would ask for what it has had. Who follows something
 * comes again with the last cursor, see `following.ts`.
 */
export function clientOf(url: string, signedIn: SignedIn, webSocket?: unknown): Client {
  let broken = false;
  const socket = createSocket({
    url: `${url.replace(/^http/, "ws")}/graphql`,
    webSocketImpl: webSocket ?? globalThis.WebSocket,
    // A socket that was closed may have been closed because its token had ended.
    connectionParams: async () => ({ token: await signedIn.token(broken) }),
    retryAttempts: 0,
    on: {
      closed: () => {
        broken = true;
      },
      connected: () => {
        broken = false;
      },
    },
  });
  return createClient({
    url: `${url}/graphql`,
    fetch: signedIn.fetch,
    preferGetMethod: false,
    exchanges: [
      cacheExchange({ keys: Object.fromEntries(EMBEDDED.map((name) => [name, () => null])) }),
      // Documents go by their hash; a server that does not know this release is sent the text.
      persistedExchange({
        preferGetForPersistedQueries: false,
        enableForMutation: true,
        generateHash: (_text, document) => Promise.resolve(hashOf(document)),
      }),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query, variables }) => ({
          subscribe: (sink) => ({
            unsubscribe: socket.subscribe(
              { query: query ?? "", variables: variables ?? {} },
              sink as Sink,
            ),
          }),
        }),
      }),
    ],
  });
}

/** The hash that the generator has put into each document. */
function hashOf(document: object): string {
  const { __meta__ } = document as { readonly __meta__?: { readonly hash?: string } };
  if (__meta__?.hash === undefined) throw new Error("the document was not generated");
  return __meta__.hash;
}
