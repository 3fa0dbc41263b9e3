/** urql with its normalised cache: what a command answers is what every part of the page shows. */
import { type Client, createClient, fetchExchange } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";

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
      fetchExchange,
    ],
  });
}
