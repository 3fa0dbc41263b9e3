/**
 * Against `make run`: record three arrivals with no line at all, then find the line again.
 *
 * `npm start --workspace phone -- http://127.0.0.1:8000 huating.desk bailiwick-demo`
 */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { recordArrival } from "./commands";
import { SitesDocument } from "./generated/graphql";
import { Line } from "./line";
import { OfflineQueue } from "./queue";
import { Session } from "./session";

const [url = "http://127.0.0.1:8000", username = "huating.desk", password = "bailiwick-demo"] =
  process.argv.slice(2);
const session = new Session(url, { username, password });

const answer = await fetch(`${url}/graphql`, {
  method: "POST",
  headers: {
    "Content-Type": "application/json",
    Authorization: `Bearer ${await session.token(false)}`,
  },
  body: JSON.stringify({ query: SitesDocument.toString() }),
});
const { data } = (await answer.json()) as { data: { sites: { nodes: { id: string }[] } } };
const siteId = data.sites.nodes[0]?.id;
if (siteId === undefined) throw new Error("nobody showed a site");

const queue = new OfflineQueue(join(mkdtempSync(join(tmpdir(), "bailiwick-phone-")), "queue"));
for (const fullName of ["赵一", "钱二", "孙三"]) {
  queue.add(recordArrival({ siteId, customer: { newCustomer: { fullName } } }, new Date()));
}

const lost = new Line("http://127.0.0.1:9", session);
console.log("without a line:", await queue.replay(lost));
console.log("with a line:", await queue.replay(new Line(url, session)));
