/** The reference client of GraphQL over WebSocket against our subscriptions, close codes included. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Client, CloseCode, createClient, type SubscribePayload } from "graphql-ws";
import WebSocket from "ws";
import { ServerProcess } from "../shared/process";
import { GRAPHQL, SERVER, signIn } from "../shared/server";
import { Wire } from "../shared/wire";
import { arrive, QUEUE, type QueueEvent, SITE, until, type VisitEvent, VISITS, whileArriving } from "./arrivals";

const URL_OF_SOCKET = GRAPHQL.replace("http", "ws");
const { access_token: token } = await signIn("manager");

function client(settings: Partial<Parameters<typeof createClient>[0]> = {}): Client {
  return createClient({
    url: URL_OF_SOCKET,
    webSocketImpl: WebSocket,
    connectionParams: { token },
    retryAttempts: 0,
    ...settings,
  });
}

function follow<T>(from: Client, query: string, variables: Record<string, unknown>) {
  const payload: SubscribePayload = { query, variables };
  return from.iterate<T>(payload) as AsyncGenerator<{ data?: T | null; errors?: unknown }>;
}

/** Open a plain socket, say something, and return how the server closes it. */
async function closing(said: readonly unknown[], protocols = ["graphql-transport-ws"]) {
  const socket = new WebSocket(URL_OF_SOCKET, protocols);
  return new Promise<number>((resolve, reject) => {
    socket.on("open", () => {
      for (const one of said) socket.send(typeof one === "string" ? one : JSON.stringify(one));
    });
    socket.on("close", (code) => resolve(code));
    socket.on("error", reject);
  });
}

test("changes come as they happen, each with its cursor", async () => {
  const following = client();
  const events = follow<VisitEvent>(following, VISITS, { siteId: SITE });
  const { value } = await whileArriving("流一", events.next());
  assert.ok(value?.data?.visitChanged.cursor);
  assert.match(value.data.visitChanged.visit.id, /^visit_/);
  await events.return(undefined);
  await following.dispose();
});

test("several subscriptions share one socket, and end one by one", async () => {
  const one = client();
  const queue = follow<QueueEvent>(one, QUEUE, { siteId: SITE });
  const visits = follow<VisitEvent>(one, VISITS, { siteId: SITE });
  const [a, b] = await whileArriving("流二", Promise.all([queue.next(), visits.next()]));
  assert.ok(a.value?.data?.receptionQueueChanged.queue.places);
  assert.ok(b.value?.data?.visitChanged.visit.id);
  await queue.return(undefined);
  const next = await whileArriving("流二", visits.next());
  assert.ok(next.value?.data?.visitChanged);
  await visits.return(undefined);
  await one.dispose();
});

test("whoever comes again with the last cursor misses nothing and gets nothing twice", async () => {
  const server = await ServerProcess.start();
  const wire = await Wire.to(server.port);
  let after: string | undefined;
  const seen: string[] = [];
  const expected: string[] = [];
  try {
    for (let round = 0; round < 4; round += 1) {
      const broken = client({ url: `${wire.url.replace("http", "ws")}/graphql` });
      const events = follow<VisitEvent>(broken, VISITS, { siteId: SITE, after: after ?? null });
      const pending = events.next();
      pending.catch(() => {});
      if (round === 0) {
        // The first cursor: from here on every arrival counts.
        after = (await whileArriving("流零", pending)).value?.data?.visitChanged.cursor;
        await breaks(events);
        continue;
      }
      const before = expected.length;
      expected.push(await arrive(`流${round}a`), await arrive(`流${round}b`));
      const [start] = await Promise.all([pending]);
      const got = [start.value!, ...(await rest(events, expected, before))];
      for (const { data } of got) {
        const event = data!.visitChanged;
        after = event.cursor;
        if (expected.includes(event.visit.id)) seen.push(event.visit.id);
      }
      await breaks(events);
      // Nobody listens now; what happens is told afterwards.
      expected.push(await arrive(`流${round}c`));
    }
    assert.equal(new Set(seen).size, seen.length, "nothing came twice");
    assert.deepEqual(new Set(seen), new Set(expected.slice(0, -1)), "nothing was missed");
  } finally {
    await wire.remove();
    await server.stop();
  }

  async function breaks(events: AsyncGenerator<unknown>): Promise<void> {
    wire.cut();
    await assert.rejects(async () => {
      while (!(await events.next()).done);
    });
  }

  async function rest(
    events: AsyncGenerator<{ data?: VisitEvent | null }>,
    wanted: readonly string[],
    from: number,
  ) {
    const last = wanted.slice(from).at(-1);
    return until(events, (got) => got.some(({ data }) => data?.visitChanged.visit.id === last));
  }
});

test("a site out of sight and a cursor that is none are told as errors of the operation", async () => {
  const one = client();
  const unknown = "site_0199c2f0-7d1e-7a55-8a3e-5f0c9b1f2a10";
  for (const [variables, code] of [
    [{ siteId: unknown }, "NOT_FOUND"],
    [{ siteId: SITE, after: "not-a-cursor" }, "INVALID_CURSOR"],
  ] as const) {
    const events = follow<QueueEvent>(one, QUEUE, variables);
    await assert.rejects(
      async () => {
        const { value } = await events.next();
        if (value?.errors) throw value.errors;
      },
      (errors: { extensions: { code: string } }[]) => errors[0]?.extensions.code === code,
    );
  }
  await one.dispose();
});

test("a query goes over the socket as well", async () => {
  const one = client();
  const { value } = await follow<{ viewer: unknown }>(one, "{ viewer { locale } }", {}).next();
  assert.ok(value?.data?.viewer);
  await one.dispose();
});

test("the socket is closed with the protocol's codes", async () => {
  const init = { type: "connection_init", payload: { token } };
  const asked = { id: "1", type: "subscribe", payload: { query: QUEUE, variables: { siteId: SITE } } };
  assert.equal(await closing(["not json"]), CloseCode.BadRequest);
  assert.equal(await closing([{ type: "shout" }]), CloseCode.BadRequest);
  assert.equal(await closing([asked]), CloseCode.Unauthorized);
  assert.equal(await closing([init, init]), CloseCode.TooManyInitialisationRequests);
  assert.equal(await closing([init, asked, asked]), CloseCode.SubscriberAlreadyExists);
  assert.equal(await closing([], []), CloseCode.SubprotocolNotAcceptable);
});

test("nobody, and whoever has a wrong token, is refused with a code after which clients come again", async () => {
  // 4403, not 4401: the reference client takes 4401 for final and would not come with a fresh token.
  assert.equal(await closing([{ type: "connection_init" }]), CloseCode.Forbidden);
  const wrong = { type: "connection_init", payload: { token: "wrong" } };
  assert.equal(await closing([wrong]), CloseCode.Forbidden);
});

test("who signs out is closed within seconds, with the code after which a client comes again", async () => {
  const session = await signIn("rep2");
  const socket = new WebSocket(URL_OF_SOCKET, "graphql-transport-ws");
  const closed = new Promise<number>((resolve) => socket.on("close", resolve));
  await new Promise((resolve) => socket.on("open", resolve));
  socket.send(
    JSON.stringify({ type: "connection_init", payload: { token: session.access_token } }),
  );
  await new Promise((resolve) => socket.once("message", resolve));
  const answer = await fetch(`${SERVER}/auth/sign-out`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ refresh_token: session.refresh_token }),
  });
  assert.ok(answer.ok);
  assert.equal(await closed, CloseCode.Forbidden);
});

test("a page of another address may not open a socket", async () => {
  const socket = new WebSocket(URL_OF_SOCKET, "graphql-transport-ws", {
    origin: "https://elsewhere.example",
  });
  const refused = await new Promise<boolean>((resolve) => {
    socket.on("open", () => resolve(false));
    socket.on("error", () => resolve(true));
  });
  assert.equal(refused, true);
});
