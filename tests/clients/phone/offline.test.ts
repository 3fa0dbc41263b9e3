/**
 * The phone's queue of docs/examples/phone against the real server, at the worst moments.
 *
 * The line is cut in the middle of a replay, the server is killed, the phone is switched off: nothing is
 * lost and nothing is done twice.
 */
import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { closeVisit, recordArrival } from "../../../docs/examples/phone/src/commands";
import { Line } from "../../../docs/examples/phone/src/line";
import { OfflineQueue } from "../../../docs/examples/phone/src/queue";
import { Session } from "../../../docs/examples/phone/src/session";
import { fetchAs, GRAPHQL, serverNow } from "../shared/server";
import { ServerProcess } from "../shared/process";
import { Wire } from "../shared/wire";

const password = process.env["SERVER_PASSWORD"] ?? "";
const folder = mkdtempSync(join(tmpdir(), "bailiwick-phone-"));
const asked = await fetchAs("manager");
const sites = await read<{ sites: { nodes: { id: string }[] } }>("{ sites(first: 1) { nodes { id } } }");
const siteId = sites.sites.nodes[0]!.id;

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

async function read<T>(query: string, variables: object = {}): Promise<T> {
  const answer = await asked(GRAPHQL, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/graphql-response+json" },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await answer.json()) as { data: T; errors?: unknown };
  assert.equal(errors, undefined);
  return data;
}

interface Known {
  readonly id: string;
  readonly state: string;
  readonly statedAt: string | null;
  readonly party: { readonly fullName: string | null } | null;
}

/** All visits of customers whose name begins with a word. */
async function visitsOf(name: string): Promise<Known[]> {
  const { visits } = await read<{ visits: { nodes: Known[] } }>(
    "query V($name: String!) { visits(first: 200, filter: {party: {fullName: {startsWith: $name}}}) " +
      "{ nodes { id state statedAt party { fullName } } } }",
    { name },
  );
  return visits.nodes;
}

/** The phone after a start: what it knows is on its disk. */
function phone(name: string): { queue: OfflineQueue; line: Line; at: string } {
  const at = join(folder, name);
  const session = new Session(wire.url, { username: "huating.desk", password });
  return { queue: new OfflineQueue(at), line: new Line(wire.url, session), at };
}

/** A visitor comes and goes. */
function comesAndGoes(queue: OfflineQueue, fullName: string): string {
  const arrival = recordArrival(
    { siteId, customer: { newCustomer: { fullName } } },
    new Date(serverNow().getTime() - 60_000),
  );
  queue.add(arrival);
  queue.add(closeVisit({ visitId: arrival.visitId }));
  return arrival.visitId;
}

test("commands made without a line wait, and are sent in their order when it is back", async () => {
  const { queue, line } = phone("waits");
  wire.state = "down";
  const ids = ["候一", "候二"].map((name) => comesAndGoes(queue, name));
  const kept = await queue.replay(line);
  assert.equal(kept.left, 4);
  assert.ok(kept.waitSeconds !== null && kept.waitSeconds > 0);
  assert.deepEqual(await visitsOf("候"), []);

  wire.state = "whole";
  const sent = await queue.replay(line);
  assert.deepEqual([sent.left, sent.done.length, sent.refused.size], [0, 4, 0]);
  const known = await visitsOf("候");
  assert.deepEqual(known.map(({ id }) => id).sort(), [...ids].sort());
  assert.ok(known.every(({ state, statedAt }) => state === "CLOSED" && statedAt !== null));
});

test("a lost answer, a killed server and a phone switched off lose nothing and double nothing", async () => {
  const first = phone("survives");
  const names = ["断一", "断二", "断三", "断四", "断五"];
  const ids = names.map((name) => comesAndGoes(first.queue, name));
  await first.line.send({ toString: () => "{ __typename }" } as never, {});

  // The third answer is lost on its way back: the server has done what the phone cannot know.
  let answers = 0;
  const passing = wire.onLost;
  const real = globalThis.fetch;
  globalThis.fetch = (input, init) => {
    assert.ok(!String(init?.body).includes("mutation"), "documents go by their hash");
    if (String(input).endsWith("/graphql") && (answers += 1) === 3) wire.state = "loses-answers";
    return real(input, init);
  };
  const cut = await first.queue.replay(first.line);
  globalThis.fetch = real;
  wire.onLost = passing;
  assert.deepEqual([cut.done.length, cut.left], [2, 8]);
  assert.equal((await visitsOf("断")).length, 2, "the server had carried the third one out");

  // The server dies while the phone asks, then the phone's own battery does.
  wire.state = "whole";
  const { port } = server;
  const dying = first.queue.replay(first.line);
  await server.kill();
  await dying;
  wire.cut();
  const alone = await first.queue.replay(first.line);
  assert.ok(alone.left > 0 && alone.waitSeconds !== null);
  first.queue.close();
  appendFileSync(first.at, '{"done":"half a li');

  server = await ServerProcess.start(port);
  const second = phone("survives");
  assert.equal(second.queue.length, alone.left);
  const sent = await second.queue.replay(second.line);
  assert.deepEqual([sent.left, sent.refused.size], [0, 0]);
  assert.equal(second.queue.done.size, 10);
  const replayed = [...second.queue.done.values()].filter(Boolean).length;
  assert.ok(replayed >= 1, "the lost answer was given again");

  const known = await visitsOf("断");
  assert.deepEqual(known.map(({ id }) => id).sort(), [...ids].sort());
  assert.deepEqual(known.map(({ party }) => party?.fullName).sort(), [...names].sort());
  assert.ok(known.every(({ state }) => state === "CLOSED"));
});

test("a refused command stops only those that need what it would have made", async () => {
  const { queue, line } = phone("refused");
  const lost = recordArrival(
    { siteId: "site_0199c2f0-7d1e-7a55-8a3e-5f0c9b1f2a10", customer: { newCustomer: {} } },
    serverNow(),
  );
  const closing = closeVisit({ visitId: lost.visitId });
  queue.add(lost);
  queue.add(closing);
  const id = comesAndGoes(queue, "归一");

  const sent = await queue.replay(line);
  assert.equal(sent.left, 0);
  const codes = [lost, closing].map(({ input }) =>
    sent.refused.get(input.idempotencyKey)?.map(({ code }) => code),
  );
  assert.deepEqual(codes, [["NOT_FOUND"], ["NOT_SENT"]]);
  assert.deepEqual((await visitsOf("归")).map((visit) => visit.id), [id]);
});
