/** A reception desk: who is next, who is here, and a form for whoever comes in. */
import type { Client, OperationResult } from "@urql/core";
import type { ResultOf } from "@graphql-typed-document-node/core";
import { clientOf } from "./client";
import { element } from "./elements";
import { followQueue, type Queue } from "./following";
import {
  ArriveDocument,
  CloseVisitDocument,
  DeskDocument,
  LiveQueueDocument,
  VisitsDocument,
} from "./generated/graphql";
import { signIn, SignInRefused } from "./session";

type Visit = ResultOf<typeof VisitsDocument>["visits"]["nodes"][number];

export interface Place {
  /** Where the API is, without a path. */
  readonly url: string;
  /** Another socket than the browser's, where there is no browser. */
  readonly webSocket?: unknown;
}

/** Show the desk inside an element, beginning with its sign-in. */
export function mount(root: HTMLElement, place: Place): void {
  const message = element(root, "p", { role: "status" });
  const form = element(
    root,
    "form",
    { class: "sign-in", submit: (event) => void enter(event) },
    element(root, "input", { name: "username", placeholder: "name", autocomplete: "username" }),
    element(root, "input", {
      name: "password",
      type: "password",
      placeholder: "password",
      autocomplete: "current-password",
    }),
    element(root, "button", {}, "Sign in"),
    message,
  ) as HTMLFormElement;
  root.replaceChildren(element(root, "h1", {}, "The desk"), form);

  async function enter(event: Event): Promise<void> {
    event.preventDefault();
    try {
      const signedIn = await signIn(place.url, field(form, "username"), field(form, "password"));
      await new Desk(root, clientOf(place.url, signedIn, place.webSocket)).open();
    } catch (error) {
      if (!(error instanceof SignInRefused)) throw error;
      message.textContent = error.message;
    }
  }
}

function field(form: HTMLFormElement, name: string): string {
  return form.querySelector<HTMLInputElement>(`[name=${name}]`)?.value ?? "";
}

class Desk {
  #siteId = "";
  #zone = "UTC";
  #pages = 1;
  #round = 0;
  #reloading = false;
  /** Kept until the arrival is answered: pressed twice, it is still one arrival. */
  #key: string | null = null;
  readonly #queue: HTMLElement;
  readonly #rows: HTMLElement;
  readonly #more: HTMLElement;
  readonly #message: HTMLElement;

  constructor(
    private readonly root: HTMLElement,
    private readonly client: Client,
  ) {
    this.#queue = element(root, "ol", { class: "queue" });
    this.#rows = element(root, "tbody");
    this.#more = element(root, "button", { click: () => void this.#loadMore() }, "Earlier visits");
    this.#message = element(root, "p", { role: "status" });
  }

  async open(): Promise<void> {
    const { viewer, sites } = answered(await this.client.query(DeskDocument, {}));
    const site = sites.nodes[0];
    if (!site) {
      this.root.replaceChildren("No site is in your sight.");
      return;
    }
    this.#siteId = site.id;
    this.#zone = site.timeZone;
    const form = element(
      this.root,
      "form",
      { class: "arrival", submit: (event) => void this.#arrive(event) },
      element(this.root, "input", { name: "fullName", placeholder: "who comes in" }),
      element(this.root, "input", { name: "phone", placeholder: "telephone" }),
      element(this.root, "button", {}, "Record arrival"),
    );
    this.root.replaceChildren(
      element(this.root, "h1", {}, site.name),
      element(this.root, "p", { class: "viewer" }, viewer.member?.name ?? ""),
      element(this.root, "section", {}, element(this.root, "h2", {}, "Who is next"), this.#queue),
      element(
        this.root,
        "section",
        {},
        element(this.root, "h2", {}, "Visits"),
        form,
        this.#message,
        element(this.root, "table", {}, this.#rows),
        this.#more,
      ),
    );
    // First listen, then look: what happens between the two is told.
    followQueue(this.client, this.#siteId, {
      changed: (queue) => {
        this.#showQueue(queue);
        void this.#reload();
      },
      missed: () => void this.#look(),
    });
    await this.#look();
  }

  async #look(): Promise<void> {
    const { site } = answered(
      await this.client.query(
        LiveQueueDocument,
        { siteId: this.#siteId },
        { requestPolicy: "network-only" },
      ),
    );
    this.#showQueue(site?.receptionQueue ?? null);
    await this.#reload();
  }

  #showQueue(queue: Queue | null): void {
    this.#queue.replaceChildren(...places(this.root, queue));
  }

  async #loadMore(): Promise<void> {
    this.#pages += 1;
    await this.#reload();
  }

  /**
   * Show as many pages as are wanted. One reload runs at a time, and looks again when it was asked
   * for meanwhile: urql gives equal queries that are under way one answer, and that answer may be
   * from before the change.
   */
  async #reload(): Promise<void> {
    this.#round += 1;
    if (this.#reloading) return;
    this.#reloading = true;
    try {
      for (let round = 0; round !== this.#round; ) {
        round = this.#round;
        await this.#showPages();
      }
    } finally {
      this.#reloading = false;
    }
  }

  async #showPages(): Promise<void> {
    const rows: HTMLElement[] = [];
    let after: string | null = null;
    let more = true;
    for (let page = 0; page < this.#pages && more; page += 1) {
      const { visits }: ResultOf<typeof VisitsDocument> = answered(
        await this.client.query(
          VisitsDocument,
          { siteId: this.#siteId, after },
          { requestPolicy: "network-only" },
        ),
      );
      rows.push(...visits.nodes.map((visit) => this.#row(visit)));
      after = visits.pageInfo.endCursor ?? null;
      more = visits.pageInfo.hasNextPage;
    }
    this.#more.toggleAttribute("hidden", !more);
    this.#rows.replaceChildren(...rows);
  }

  async #arrive(event: Event): Promise<void> {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const [fullName, phone] = [field(form, "fullName"), field(form, "phone")];
    this.#key ??= crypto.randomUUID();
    const result = await this.client.mutation(ArriveDocument, {
      input: {
        idempotencyKey: this.#key,
        siteId: this.#siteId,
        customer: { newCustomer: { fullName: fullName || null, phones: phone ? [phone] : [] } },
      },
    });
    // A lost answer keeps its key: pressing again sends the same arrival, not another.
    if (!result.data) {
      this.#say(result.error?.graphQLErrors[0]?.message ?? "No answer; press again.");
      return;
    }
    this.#key = null;
    const { visit, decision, errors } = result.data.recordArrival;
    this.#say(errors.map(({ message }) => message).join(" ") || (decision?.why ?? ""));
    if (!visit) return;
    form.reset();
    await this.#reload();
  }

  async #close(visit: Visit): Promise<void> {
    const input = { idempotencyKey: crypto.randomUUID(), visitId: visit.id };
    const { closeVisit } = answered(await this.client.mutation(CloseVisitDocument, { input }));
    this.#say(closeVisit.errors.map(({ message }) => message).join(" "));
    await this.#reload();
  }

  #row(visit: Visit): HTMLElement {
    const time = new Intl.DateTimeFormat("en-GB", {
      timeZone: this.#zone,
      dateStyle: "short",
      timeStyle: "short",
    });
    const cells = [
      `#${visit.number}`,
      time.format(new Date(visit.arrivedAt)),
      visit.party?.fullName ?? "—",
      visit.maskedPhones.join(" "),
      visit.receiver?.name ?? "—",
      visit.state.toLowerCase(),
    ].map((text) => element(this.root, "td", {}, text));
    const closing = element(this.root, "td");
    if (visit.allowedActions.includes("CLOSE")) {
      closing.append(element(this.root, "button", { click: () => void this.#close(visit) }, "Left"));
    }
    return element(this.root, "tr", { "data-state": visit.state }, ...cells, closing);
  }

  #say(words: string): void {
    this.#message.textContent = words;
  }
}

function places(root: HTMLElement, queue: Queue | null): HTMLElement[] {
  const next = queue?.next?.member?.id;
  return (queue?.places ?? []).map(({ member, standing }) =>
    element(
      root,
      "li",
      { "data-standing": standing, ...(member && member.id === next ? { "aria-current": "true" } : {}) },
      member?.name ?? "—",
      " ",
      element(root, "small", {}, standing.toLowerCase().replaceAll("_", " ")),
    ),
  );
}

/** Return what was answered; what could not be asked at all goes up to whoever watches the page. */
function answered<T>(result: OperationResult<T>): T {
  if (result.error) throw result.error;
  if (!result.data) throw new Error("nothing was answered");
  return result.data;
}
