/** The web page of docs/examples/web, opened in a document and used as a desk clerk would. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { JSDOM } from "jsdom";
import { mount } from "../../../docs/examples/web/src/desk";
import WebSocket from "ws";
import { SERVER } from "../shared/server";
import { arrive } from "../streams/arrivals";

const password = process.env["SERVER_PASSWORD"] ?? "";
// Somebody whom the company has never seen, however often these tests are run.
const unknown = String(Date.now()).slice(-8);
const visitor = `米${unknown}`;
const page = new JSDOM('<!doctype html><main id="desk"></main>');
const { document } = page.window;
const root = document.querySelector<HTMLElement>("#desk")!;

function fill(form: string, values: Readonly<Record<string, string>>): void {
  const found = document.querySelector<HTMLFormElement>(form)!;
  for (const [name, value] of Object.entries(values)) {
    found.querySelector<HTMLInputElement>(`[name=${name}]`)!.value = value;
  }
  found.querySelector("button")!.click();
}

/** Wait until the page shows what is looked for; the page itself says when it has changed. */
function shown<T>(look: () => T | null | undefined | false): Promise<T> {
  return new Promise((resolve, reject) => {
    const watching = new page.window.MutationObserver(check);
    const limit = setTimeout(() => {
      watching.disconnect();
      reject(new Error(`never shown; the page says: ${root.textContent}`));
    }, 20_000);
    function check(): void {
      const found = look();
      if (!found) return;
      watching.disconnect();
      clearTimeout(limit);
      resolve(found);
    }
    watching.observe(root, { childList: true, subtree: true, characterData: true });
    check();
  });
}

const status = () => document.querySelector('[role="status"]')?.textContent;
const rows = () => [...document.querySelectorAll("tbody tr")];
const row = (words: string) => rows().find(({ textContent }) => textContent?.includes(words));

// What goes out, to see that every document is named by its hash and none is sent as text.
const sent: Record<string, unknown>[] = [];
let elsewhere = false;
const real = globalThis.fetch;
globalThis.fetch = (input, init) => {
  if (String(input).endsWith("/graphql") && !elsewhere) {
    sent.push(JSON.parse(String(init?.body)) as Record<string, unknown>);
  }
  return real(input, init);
};


before(() => mount(root, { url: SERVER, webSocket: WebSocket }));
// The page listens for as long as it is open, and nothing closes it but the end of the program.
after(() => setImmediate(() => process.exit()));

test("a wrong password is told in words", async () => {
  fill(".sign-in", { username: "huating.desk", password: "wrong-password" });
  assert.ok((await shown(status)).length > 5);
  assert.equal(document.querySelector(".arrival"), null);
});

test("whoever signs in sees his site, its queue and its visits", async () => {
  fill(".sign-in", { username: "huating.desk", password });
  await shown(() => rows().length > 0 && document.querySelector(".queue li"));
  assert.equal(document.querySelector("h1")?.textContent, "云栖华庭售楼处");
  assert.equal(document.querySelector(".viewer")?.textContent, "方小雨");
});

test("an arrival is decided by the rulebook and shown with its reason", async () => {
  await shown(() => document.querySelector(".arrival"));
  const next = document.querySelector('.queue [aria-current="true"]')?.firstChild?.textContent;
  fill(".arrival", { fullName: `<b>${visitor}</b>`, phone: `139${unknown}` });
  const arrived = await shown(() => row(visitor));
  // The stream may tell of the visit before the command's own answer is here.
  assert.ok(await shown(status), "the decision says why");
  assert.equal(arrived.getAttribute("data-state"), "ASSIGNED");
  if (next) assert.ok(arrived.textContent?.includes(next), "who was next receives");
  assert.equal(arrived.querySelector("b"), null, "a name is text and never markup");
  assert.ok(arrived.textContent?.includes("****"), "the desk sees the number masked");
});

test("a refusal is shown to the person who asked", async () => {
  fill(".arrival", { fullName: "米老二", phone: "99999" });
  const said = status();
  const refused = await shown(() => status() !== said && status());
  assert.ok(refused.includes("99999"));
  assert.equal(row("米老二"), undefined);
});

test("what happens at another desk is shown without asking", async () => {
  elsewhere = true;
  await arrive("远方来客");
  elsewhere = false;
  const told = await shown(() => row("远方来客"));
  assert.equal(told.getAttribute("data-state") !== null, true);
});

test("a visitor who has left is closed, and his button is gone", async () => {
  const button = row(visitor)?.querySelector("button");
  assert.ok(button);
  button.click();
  const closed = await shown(() => {
    const found = row(visitor);
    return found?.getAttribute("data-state") === "CLOSED" && found;
  });
  assert.equal(closed.querySelector("button"), null);
});

test("earlier visits join the list, each once", async () => {
  const more = [...document.querySelectorAll("button")].find(
    ({ textContent }) => textContent === "Earlier visits",
  )!;
  const before = rows().length;
  assert.equal(more.hasAttribute("hidden"), false);
  more.click();
  await shown(() => rows().length > before);
  const texts = rows().map(({ textContent }) => textContent);
  assert.equal(new Set(texts).size, texts.length);
});

test("the page has named its documents by their hash and sent no text", () => {
  assert.ok(sent.length > 5);
  for (const body of sent) {
    assert.equal("query" in body, false);
    assert.ok("extensions" in body);
  }
});
