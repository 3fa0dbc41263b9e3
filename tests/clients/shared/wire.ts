/** A wire between client and server that can be cut at the worst moment. */
import { createServer, connect, type Server, type Socket } from "node:net";
import { once } from "node:events";

export type State =
  /** Everything passes. */
  | "whole"
  /** Nobody gets through. */
  | "down"
  /** Requests arrive; the wire breaks before the first byte of the answer gets back. */
  | "loses-answers";

export class Wire {
  state: State = "whole";
  /** Called when an answer has been lost. */
  onLost: () => void = () => {};
  readonly #server: Server;
  readonly #open = new Set<Socket>();

  private constructor(private readonly port: number) {
    this.#server = createServer((near) => this.#join(near));
  }

  /** Lay a wire to a port of this machine. */
  static async to(port: number): Promise<Wire> {
    const wire = new Wire(port);
    wire.#server.listen(0, "127.0.0.1");
    await once(wire.#server, "listening");
    return wire;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the wire is not laid");
    return `http://127.0.0.1:${address.port}`;
  }

  /** Break every connection there is, now. */
  cut(): void {
    for (const socket of this.#open) socket.destroy();
  }

  async remove(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, "close");
  }

  #join(near: Socket): void {
    if (this.state === "down") {
      near.destroy();
      return;
    }
    const far = connect(this.port, "127.0.0.1");
    for (const [one, other] of [[near, far], [far, near]] as const) {
      this.#open.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        this.#open.delete(one);
        other.destroy();
      });
    }
    near.on("data", (bytes) => far.write(bytes));
    far.on("data", (bytes) => {
      if (this.state !== "loses-answers") {
        near.write(bytes);
        return;
      }
      near.destroy();
      this.onLost();
    });
  }
}
