/** A server process of a test's own, on the database of the others; it can be killed like any other. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

function told(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set; run \`make test-clients\``);
  return value;
}

export class ServerProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  /** Start one and wait until it answers; port 0 takes any. */
  static async start(port = 0): Promise<ServerProcess> {
    const words = ["-m", "tests.clients.serving", told("SERVER_HOME"), String(port), told("SERVER_MANIFESTS")];
    const child = spawn(told("SERVER_PYTHON"), words, {
      cwd: told("SERVER_ROOT"),
      stdio: ["ignore", "pipe", "inherit"],
    });
    for await (const line of createInterface({ input: child.stdout! })) {
      return new ServerProcess(child, (JSON.parse(line) as { url: string }).url);
    }
    throw new Error("the server ended before it answered");
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** Kill it: nothing is finished, nothing is written, nobody is told. */
  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, "exit");
    this.child.kill("SIGKILL");
    await ended;
  }

  /** Stop it as an operator would. */
  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, "exit");
    this.child.kill("SIGTERM");
    await ended;
  }
}
