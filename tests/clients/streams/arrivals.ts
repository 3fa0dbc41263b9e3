/** What the tests of streams do at the desk, and what they follow. */
import { fetchAs, GRAPHQL, idempotencyKey } from "../shared/server";

export interface QueueEvent {
  readonly receptionQueueChanged: {
    readonly cursor: string;
    readonly at: string;
    readonly queue: { readonly places: readonly { readonly position: number }[] };
  };
}

export interface VisitEvent {
  readonly visitChanged: {
    readonly cursor: string;
    readonly visit: { readonly id: string; readonly state: string };
  };
}

export const QUEUE = `
  subscription Queue($siteId: ID!, $after: EventCursor) {
    receptionQueueChanged(siteId: $siteId, after: $after) {
      cursor
      at
      queue { places { position } }
    }
  }
`;

export const VISITS = `
  subscription Visits($siteId: ID!, $after: EventCursor) {
    visitChanged(siteId: $siteId, after: $after) { cursor visit { id state } }
  }
`;

const desk = await fetchAs("desk");

async function ask<T>(query: string, variables: object = {}): Promise<T> {
  const answer = await desk(GRAPHQL, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/graphql-response+json" },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await answer.json()) as { data: T; errors?: unknown };
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  return data;
}

interface Sites {
  readonly sites: { readonly nodes: readonly { readonly id: string }[] };
}

export const SITE = (await ask<Sites>("{ sites(first: 1) { nodes { id } } }")).sites.nodes[0]!.id;

/** A visitor comes in; returns the id of his visit. */
export async function arrive(fullName: string): Promise<string> {
  const document = `
    mutation Arrive($input: RecordArrivalInput!) {
      recordArrival(input: $input) { visit { id } errors { code } }
    }
  `;
  const input = {
    idempotencyKey: idempotencyKey(),
    siteId: SITE,
    customer: { newCustomer: { fullName } },
  };
  const { recordArrival } = await ask<{
    recordArrival: { visit: { id: string } | null; errors: { code: string }[] };
  }>(document, { input });
  if (recordArrival.visit === null) throw new Error(JSON.stringify(recordArrival.errors));
  return recordArrival.visit.id;
}

/** Let visitors come until an event has been told: that shows that somebody is listening. */
export async function whileArriving<T>(fullName: string, event: Promise<T>): Promise<T> {
  let told = false;
  const noted = event.finally(() => {
    told = true;
  });
  while (!told) await arrive(fullName);
  return noted;
}

/** Take events until a condition holds; fails after twenty seconds. */
export async function until<T>(
  events: AsyncIterator<T>,
  enough: (seen: readonly T[]) => boolean,
): Promise<T[]> {
  const seen: T[] = [];
  const late = AbortSignal.timeout(20_000);
  const failed = new Promise<never>((_, reject) => {
    late.addEventListener("abort", () =>
      reject(new Error(`not enough events came: ${JSON.stringify(seen)}`)),
    );
  });
  while (!enough(seen)) {
    const next = await Promise.race([events.next(), failed]);
    if (next.done) throw new Error(`the stream ended: ${JSON.stringify(seen)}`);
    seen.push(next.value);
  }
  return seen;
}
