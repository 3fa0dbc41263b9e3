/**
 * An offline queue of commands, not of states.
 *
 * Commands are kept on disk before anything is sent, and are sent in their order, each with the key it
 * was given when it was made. A lost answer is no loss: the same key is the same command, and the server
 * answers what it did the first time. A refused command stops only those that need what it would
 * have made; the rest go on.
 */
import { type Command, DOCUMENTS, type Outcome, type Refusal } from "./commands";
import { Journal } from "./journal";
import type { Line } from "./line";

type Entry =
  | { readonly added: Command }
  | { readonly done: string; readonly replayed: boolean }
  | { readonly refused: string; readonly errors: readonly Refusal[] };

export interface Replay {
  /** Keys that are done now. */
  readonly done: readonly string[];
  /** What a person must be shown: the command, and why it was refused. */
  readonly refused: ReadonlyMap<string, readonly Refusal[]>;
  /** How many are still to be sent; 0 when the queue is empty. */
  readonly left: number;
  /** Seconds to wait before the next attempt; null when nothing is left. */
  readonly waitSeconds: number | null;
}

export class OfflineQueue {
  readonly #journal: Journal<Entry>;
  readonly #waiting = new Map<string, Command>();
  readonly #done = new Map<string, boolean>();
  readonly #refused = new Map<string, readonly Refusal[]>();
  readonly #missing = new Set<string>();

  /** Open the queue of a file; what an earlier run of the program left is there. */
  constructor(path: string) {
    this.#journal = new Journal<Entry>(path);
    for (const entry of this.#journal.entries) this.#take(entry);
  }

  /** How many commands wait. */
  get length(): number {
    return this.#waiting.size;
  }

  /** Commands that were done, and whether the server had already done them before. */
  get done(): ReadonlyMap<string, boolean> {
    return this.#done;
  }

  /** Commands that were refused, and why. */
  get refused(): ReadonlyMap<string, readonly Refusal[]> {
    return this.#refused;
  }

  /** Keep a command; when this returns, it will be sent, today or after the next start. */
  add(command: Command): void {
    this.#keep({ added: command });
  }

  /** Send what waits, in order, until all is sent or the line is lost. */
  async replay(line: Line): Promise<Replay> {
    const done: string[] = [];
    let waitSeconds: number | null = null;
    for (const [key, command] of [...this.#waiting]) {
      const lacking = command.needs.find((id) => this.#missing.has(id));
      if (lacking !== undefined) {
        this.#keep({ refused: key, errors: [neverMade(lacking)] });
        continue;
      }
      const document = DOCUMENTS[command.name];
      if (document === undefined) throw new Error(`no command is called ${command.name}`);
      const attempt = await line.send(document, { input: command.input });
      if (attempt.kind === "unknown") {
        // Order matters: what comes later may build on this one, so nothing overtakes it.
        waitSeconds = attempt.waitSeconds;
        break;
      }
      if (attempt.kind === "answered") this.#decide(key, attempt.outcome, done);
      else this.#keep({ refused: key, errors: [wrong(attempt.code)] });
    }
    return { done, refused: this.#refused, left: this.length, waitSeconds };
  }

  close(): void {
    this.#journal.close();
  }

  #decide(key: string, outcome: Outcome, done: string[]): void {
    if (outcome.errors.length > 0) {
      this.#keep({ refused: key, errors: outcome.errors });
      return;
    }
    this.#keep({ done: key, replayed: outcome.replayed });
    done.push(key);
  }

  #keep(entry: Entry): void {
    this.#journal.add(entry);
    this.#take(entry);
  }

  #take(entry: Entry): void {
    if ("added" in entry) {
      this.#waiting.set(entry.added.input.idempotencyKey, entry.added);
    } else if ("done" in entry) {
      this.#done.set(entry.done, entry.replayed);
      this.#waiting.delete(entry.done);
    } else {
      for (const id of this.#waiting.get(entry.refused)?.makes ?? []) this.#missing.add(id);
      this.#refused.set(entry.refused, entry.errors);
      this.#waiting.delete(entry.refused);
    }
  }
}

function neverMade(id: string): Refusal {
  const message = `${id} was refused, so this was not sent.`;
  return { code: "NOT_SENT", category: "CONFLICT", message, field: [] };
}

function wrong(code: string): Refusal {
  return { code, category: "INVALID", message: `The server does not take this: ${code}.`, field: [] };
}
