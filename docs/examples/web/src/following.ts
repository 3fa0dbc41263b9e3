/** Following the live turn order: each time the line was lost it goes on with the last cursor. */
import type { ResultOf } from "@graphql-typed-document-node/core";
import type { Client } from "@urql/core";
import { QueueChangesDocument } from "./generated/graphql";

export type Queue = ResultOf<typeof QueueChangesDocument>["receptionQueueChanged"]["queue"];

const FIRST_WAIT = 500;
const LONGEST_WAIT = 30_000;

export interface Follower {
  /** The order has changed to this. */
  changed(queue: Queue): void;
  /** Away for a day, or with other rights: what was missed is not told, so read it all again. */
  missed(): void;
}

/** Follow the order of a site; returns how to stop. */
export function followQueue(client: Client, siteId: string, follower: Follower): () => void {
  let after: string | null = null;
  let wait = FIRST_WAIT;
  let stop = begin();

  function begin(): () => void {
    const { unsubscribe } = client
      .subscription(QueueChangesDocument, { siteId, after })
      .subscribe(({ data, error }) => {
        if (data) {
          const { cursor, queue } = data.receptionQueueChanged;
          after = cursor;
          wait = FIRST_WAIT;
          follower.changed(queue);
        }
        if (!error) return;
        unsubscribe();
        if (error.graphQLErrors.some(({ extensions }) => extensions["code"] === "RESYNC_REQUIRED")) {
          after = null;
          follower.missed();
        }
        const timer = setTimeout(() => {
          stop = begin();
        }, wait);
        stop = () => clearTimeout(timer);
        wait = Math.min(wait * 2, LONGEST_WAIT);
      });
    return unsubscribe;
  }

  return () => stop();
}
