/** A signed-in person: a `fetch` that carries the token and renews it once when it has ended. */
export interface SignedIn {
  readonly fetch: typeof fetch;
  /** The token as it is now, for a socket; `fresh` renews it first. */
  token(fresh: boolean): Promise<string>;
}

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

export class SignInRefused extends Error {}

async function ask(url: string, body: Readonly<Record<string, string>>): Promise<Tokens> {
  const answer = await fetch(`${url}/auth/token`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const said = (await answer.json()) as Tokens & { readonly message?: string };
  if (!answer.ok) throw new SignInRefused(said.message ?? `status ${answer.status}`);
  return said;
}

/** Sign in; whoever is refused is told why. */
export async function signIn(url: string, username: string, password: string): Promise<SignedIn> {
  let tokens = ask(url, { grant_type: "password", username, password });
  await tokens;

  /** Several parts may find the end of a token at once; a refresh token is good only once. */
  function renew(used: Promise<Tokens>): void {
    if (tokens !== used) return;
    tokens = used.then(({ refresh_token }) => ask(url, { grant_type: "refresh_token", refresh_token }));
  }

  async function send(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    const headers = new Headers(init?.headers);
    headers.set("Authorization", `Bearer ${(await tokens).access_token}`);
    return fetch(input, { ...init, headers });
  }

  return {
    async fetch(input, init) {
      const used = tokens;
      const answer = await send(input, init);
      if (answer.status !== 401) return answer;
      renew(used);
      return send(input, init);
    },
    async token(fresh) {
      if (fresh) renew(tokens);
      return (await tokens).access_token;
    },
  };
}
