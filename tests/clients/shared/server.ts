/** The server that the tests were started against, and the people of its demo company. */

function told(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set; run \`make test-clients\``);
  return value;
}

/** Where the server answers, without a path. */
export const SERVER = told("SERVER_URL");
export const GRAPHQL = `${SERVER}/graphql`;

/** The instant by the server's clock: its day is always the same Monday. */
export function serverNow(): Date {
  return new Date(Date.now() + Number(told("SERVER_AHEAD_SECONDS")) * 1000);
}

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly expires_in: number;
}

/** Sign a person of the demo company in, e.g. `desk`, `manager`, `rep1`. */
export async function signIn(person: string): Promise<Tokens> {
  const answer = await fetch(`${SERVER}/auth/token`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({
      grant_type: "password",
      username: `huating.${person}`,
      password: told("SERVER_PASSWORD"),
    }),
  });
  if (!answer.ok) throw new Error(`sign-in of ${person}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Tokens;
}

/** Return a `fetch` that carries a person's token. */
export async function fetchAs(person: string): Promise<typeof fetch> {
  const { access_token } = await signIn(person);
  return (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set("Authorization", `Bearer ${access_token}`);
    return fetch(input, { ...init, headers });
  };
}

/** A key under which a command is carried out once. */
export function idempotencyKey(): string {
  return crypto.randomUUID();
}
