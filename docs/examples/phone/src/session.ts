/** Signing in, and going on with the refresh token. */
import type { SignedIn } from "./line";

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/**
 * A session on one server.
 *
 * A refresh token is good once. When the answer to it is lost nobody knows whether it was used, and
 * using it again would end the session; so a lost answer means signing in anew.
 */
export class Session implements SignedIn {
  #tokens: Tokens | null = null;

  constructor(
    private readonly url: string,
    private readonly credentials: Credentials,
  ) {}

  async token(fresh: boolean): Promise<string> {
    if (this.#tokens === null || fresh) {
      const before = this.#tokens;
      this.#tokens = null;
      this.#tokens = before === null ? await this.#signIn() : await this.#refresh(before);
    }
    return this.#tokens.access_token;
  }

  async #refresh({ refresh_token }: Tokens): Promise<Tokens> {
    const answer = await this.#ask({ grant_type: "refresh_token", refresh_token });
    return answer.ok ? ((await answer.json()) as Tokens) : this.#signIn();
  }

  async #signIn(): Promise<Tokens> {
    const answer = await this.#ask({ grant_type: "password", ...this.credentials });
    if (!answer.ok) throw new Error(`sign-in: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Tokens;
  }

  #ask(body: Readonly<Record<string, string>>): Promise<Response> {
    return fetch(`${this.url}/auth/token`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(15_000),
    });
  }
}
