/** The queue's memory: a file of lines that only grows, so that no crash can take back what it holds. */
import { closeSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } from "node:fs";

export class Journal<Entry> {
  readonly #file: number;
  readonly entries: Entry[] = [];

  constructor(path: string) {
    let text = "";
    try {
      text = readFileSync(path, "utf-8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
    // A last line without its end was being written when the phone died: nobody was told of it.
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    if (whole !== text) truncateSync(path, Buffer.byteLength(whole));
    this.entries = whole.split("\n").filter(Boolean).map((line) => JSON.parse(line) as Entry);
    this.#file = openSync(path, "a");
  }

  /** Keep an entry; when this returns, it survives whatever comes. */
  add(entry: Entry): void {
    writeSync(this.#file, `${JSON.stringify(entry)}\n`);
    fsyncSync(this.#file);
    this.entries.push(entry);
  }

  close(): void {
    closeSync(this.#file);
  }
}
