/** The line to the server: what came of one attempt, in the three kinds a queue can act on. */
import type { Outcome } from "./commands";
import type { TypedDocumentString } from "./generated/graphql";

/**
 * - `answered`: the server has decided, for good or ill, and will say the same to the same key;
 * - `unknown`: nobody knows whether the command was carried out; send it again later;
 * - `refused`: the request itself is wrong and will never be right.
 */
export type Attempt =
  | { readonly kind: "answered"; readonly outcome: Outcome }
  | { readonly kind: "unknown"; readonly why: string; readonly waitSeconds: number }
  | { readonly kind: "refused"; readonly code: string };

type Document = TypedDocumentString<unknown, never>;
type Asked = { readonly documentId: string } | { readonly query: string };

export interface SignedIn {
  /** Return a token that is still good; called again after a 401. */
  token(fresh: boolean): Promise<string>;
}

interface Answer {
  readonly data?: { readonly outcome?: Outcome | null } | null;
  readonly errors?: readonly { readonly extensions?: { readonly code?: string } }[];
}

const TIMEOUT_MILLISECONDS = 15_000;
const WAIT_SECONDS = 5;
/** Not now: the server is busy or away, or asks for patience. */
const LATER = new Set([408, 425, 429, 500, 502, 503, 504]);

export class Line {
  constructor(
    private readonly url: string,
    private readonly signedIn: SignedIn,
  ) {}

  /** Send a document once; never throws for what a bad line or a busy server does. */
  async send(
    document: Document,
    variables: Readonly<Record<string, unknown>>,
  ): Promise<Attempt> {
    try {
      const attempt = await this.#ask(nameOf(document), variables);
      // A server that does not know this release of the phone yet is sent the text.
      const unknown = attempt.kind === "refused" && attempt.code === "PERSISTED_QUERY_NOT_FOUND";
      return unknown ? await this.#ask({ query: document.toString() }, variables) : attempt;
    } catch (error) {
      return { kind: "unknown", why: String(error), waitSeconds: WAIT_SECONDS };
    }
  }

  async #ask(asked: Asked, variables: Readonly<Record<string, unknown>>): Promise<Attempt> {
    let answer = await this.#post({ ...asked, variables }, false);
    if (answer.status === 401) answer = await this.#post({ ...asked, variables }, true);
    return read(answer);
  }

  async #post(body: object, fresh: boolean): Promise<Response> {
    return fetch(`${this.url}/graphql`, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        Accept: "application/graphql-response+json",
        Authorization: `Bearer ${await this.signedIn.token(fresh)}`,
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
    });
  }
}

/** Name a document by its hash: it is shorter than its text, and the only name a locked server takes. */
function nameOf(document: Document): Asked {
  const hash: unknown = document.__meta__?.["hash"];
  return typeof hash === "string"
    ? { documentId: `sha256:${hash}` }
    : { query: document.toString() };
}

async function read(answer: Response): Promise<Attempt> {
  const waitSeconds = Number(answer.headers.get("Retry-After") ?? WAIT_SECONDS);
  if (LATER.has(answer.status) || answer.status === 401) {
    return { kind: "unknown", why: `status ${answer.status}`, waitSeconds };
  }
  const { data, errors } = (await answer.json()) as Answer;
  const outcome = data?.outcome;
  if (outcome) {
    const busy = outcome.errors.some(({ category }) => category === "UNAVAILABLE");
    return busy
      ? { kind: "unknown", why: "the server asks to repeat", waitSeconds }
      : { kind: "answered", outcome };
  }
  return { kind: "refused", code: errors?.[0]?.extensions?.code ?? `STATUS_${answer.status}` };
}
