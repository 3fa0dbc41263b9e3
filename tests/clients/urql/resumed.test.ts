/** A subscription of urql that goes on where it was cut, and keeps the cache right meanwhile. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Client, subscriptionExchange } from "@urql/core";
import { createClient, type Sink } from "graphql-ws";
import WebSocket from "ws";
import {
  CloseVisitDocument,
  VisitByIdDocument,
  VisitChangesDocument,
  type VisitChangesSubscription,
} from "../build/generated/graphql";
import { ServerProcess } from "../shared/process";
import { idempotencyKey, signIn } from "../shared/server";
import { Wire } from "../shared/wire";
import { arrive, SITE, whileArriving } from "../streams/arrivals";
import { clientOf } from "./client";

type Change = VisitChangesSubscription["visitChanged"];

let server: ServerProcess;
let wire: Wire;
before(async () => {
  server = await ServerProcess.start();
  wire = await Wire.to(server.port);
});
after(async () => {
  await wire.remove();
  await server.stop();
});

/** What a front end does: keep the last cursor, and come again with it when the line is lost. */
class Following {
  readonly changes: Change[] = [];
  /** How often the line was lost. */
  lost = 0;
  #cursor: string | null = null;
  #stopped = false;
  #stop: () => void = () => {};
  #tell: () => void = () => {};

  constructor(private readonly client: Client) {
    this.#begin();
  }

  stop(): void {
    this.#stopped = true;
    this.#stop();
  }

  /** Wait until a change satisfies a condition; what came before counts too. */
  async until(enough: (change: Change) => boolean): Promise<void> {
    const late = Date.now() + 20_000;
    while (!this.changes.some(enough)) {
      if (Date.now() > late) throw new Error(`never told: ${JSON.stringify(this.changes)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 500);
        this.#tell = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  #begin(): void {
    const variables = { siteId: SITE, after: this.#cursor };
    const { unsubscribe } = this.client
      .subscription(VisitChangesDocument, variables)
      .subscribe(({ data, error }) => {
        if (error) {
          this.lost += 1;
          unsubscribe();
          if (!this.#stopped) setTimeout(() => this.#begin(), 100);
        } else if (data) {
          this.#cursor = data.visitChanged.cursor;
          this.changes.push(data.visitChanged);
        }
        this.#tell();
      });
    this.#stop = unsubscribe;
  }
}

test("a subscription goes on after each cut with nothing missed and nothing twice", async () => {
  const { access_token: token } = await signIn("manager");
  const socket = createClient({
    url: `${wire.url.replace("http", "ws")}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { token },
    retryAttempts: 0,
  });
  const { client, requests } = await clientOf(
    "manager",
    subscriptionExchange({
      forwardSubscription: ({ query, variables }) => ({
        subscribe: (sink) => ({
          // The two differ in nothing but whether a missing part may be said to be undefined.
          unsubscribe: socket.subscribe(
            { query: query ?? "", variables: variables ?? {} },
            sink as Sink,
          ),
        }),
      }),
    }),
  );
  const following = new Following(client);
  await whileArriving("续零", following.until(() => true));

  const expected: string[] = [];
  for (let round = 0; round < 3; round += 1) {
    wire.cut();
    // Told to nobody: the line is down, or just coming back.
    expected.push(await arrive(`续${round}a`), await arrive(`续${round}b`));
    const last = expected.at(-1);
    await following.until(({ visit }) => visit.id === last);
  }
  assert.ok(following.lost >= 3);
  const told = following.changes.map(({ visit }) => visit.id).filter((id) => expected.includes(id));
  assert.deepEqual(told, expected, "each once, in their order");

  // A change that is told changes what the cache shows, without another request.
  const id = expected[0]!;
  const first = await client.query(VisitByIdDocument, { id });
  assert.notEqual(first.data?.visit?.state, "CLOSED");
  const asked = requests();
  const desk = await clientOf("desk");
  await desk.client.mutation(CloseVisitDocument, {
    input: { idempotencyKey: idempotencyKey(), visitId: id },
  });
  await following.until(({ visit }) => visit.id === id && visit.state === "CLOSED");
  const shown = await client.query(VisitByIdDocument, { id });
  assert.equal(shown.data?.visit?.state, "CLOSED");
  assert.equal(requests(), asked, "nothing was asked again");

  following.stop();
  await socket.dispose();
});
