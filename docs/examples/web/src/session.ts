/** A signed-in person, as a `fetch` that carries the token and renews it once when it has ended. */
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

/** Sign in and return how this person asks. */
export async function signIn(
  url: string,
  username: string,
  password: string,
): Promise<typeof fetch> {
  let tokens = ask(url, { grant_type: "password", username, password });
  await tokens;

  async function send(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    const headers = new Headers(init?.headers);
    headers.set("Authorization", `Bearer ${(await tokens).access_token}`);
    return fetch(input, { ...init, headers });
  }

  return async (input, init) => {
    const used = tokens;
    const answer = await send(input, init);
    if (answer.status !== 401) return answer;
    // Several requests may find the end of the token at once; a refresh token is good only once.
    if (tokens === used) {
      const { refresh_token } = await used;
      tokens = ask(url, { grant_type: "refresh_token", refresh_token });
    }
    return send(input, init);
  };
}
