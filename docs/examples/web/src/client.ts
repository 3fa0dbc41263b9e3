/** urql with its normalised cache: what a command answers is what every part of the page shows. */
import { type Client, createClient, fetchExchange } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import { persistedExchange } from "@urql/exchange-persisted";

/** Parts of a record that have no id of their own live inside it. */
const EMBEDDED = [
  "CommandError",
  "NextInTurn",
  "QueuePlace",
  "RecordArrivalPayload",
  "CloseVisitPayload",
  "SiteConnection",
  "Viewer",
  "VisitConnection",
];

export function clientOf(url: string, signedIn: typeof fetch): Client {
  return createClient({
    url: `${url}/graphql`,
    fetch: signedIn,
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
    ],
  });
}

/** The hash that the generator has put into each document. */
function hashOf(document: object): string {
  const { __meta__ } = document as { readonly __meta__?: { readonly hash?: string } };
  if (__meta__?.hash === undefined) throw new Error("the document was not generated");
  return __meta__.hash;
}
