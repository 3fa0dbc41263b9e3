/** What a phone can do while it has no line: one function makes one command, ready to be queued. */
import {
  CloseVisitDocument,
  type CloseVisitMutationVariables,
  RecordArrivalDocument,
  type RecordArrivalMutationVariables,
  RecordFollowUpDocument,
  type RecordFollowUpMutationVariables,
  type TypedDocumentString,
} from "./generated/graphql";

export interface Refusal {
  readonly code: string;
  readonly category: string;
  readonly message: string;
  readonly field: readonly string[];
}

/** What every mutation of ours answers, whatever else it has. */
export interface Outcome {
  readonly replayed: boolean;
  readonly errors: readonly Refusal[];
}

/** The documents of this client by name; the queue keeps names, never texts. */
export const DOCUMENTS: Readonly<
  Record<string, TypedDocumentString<{ readonly outcome: Outcome }, never>>
> = {
  RecordArrival: RecordArrivalDocument,
  CloseVisit: CloseVisitDocument,
  RecordFollowUp: RecordFollowUpDocument,
};

/** One command as it is kept: it can be sent any number of times and is carried out once. */
export interface Command {
  readonly name: string;
  readonly input: { readonly idempotencyKey: string } & Readonly<Record<string, unknown>>;
  /** Ids of records that this command makes. */
  readonly makes: readonly string[];
  /** Ids of records it needs; when the command that makes one is refused, so is this. */
  readonly needs: readonly string[];
}

type Keyless<T extends { input: { idempotencyKey: string } }> = Omit<T["input"], "idempotencyKey">;

/** A visitor arrives. The id is made here, so that what follows can name the visit. */
export function recordArrival(
  said: Omit<Keyless<RecordArrivalMutationVariables>, "id" | "occurredAt">,
  now: Date,
): Command & { readonly visitId: string } {
  const visitId = `visit_${newUuid(now)}`;
  const input = { ...said, id: visitId, idempotencyKey: newKey(), occurredAt: now.toISOString() };
  return { name: "RecordArrival", input, makes: [visitId], needs: [], visitId };
}

/** The visitor leaves. */
export function closeVisit(said: Keyless<CloseVisitMutationVariables>): Command {
  const input = { ...said, idempotencyKey: newKey() };
  return { name: "CloseVisit", input, makes: [], needs: [said.visitId] };
}

/** A rep has called on his customer. */
export function recordFollowUp(
  said: Omit<Keyless<RecordFollowUpMutationVariables>, "statedAt">,
  now: Date,
): Command {
  const input = { ...said, idempotencyKey: newKey(), statedAt: now.toISOString() };
  return { name: "RecordFollowUp", input, makes: [], needs: [said.registrationId] };
}

function newKey(): string {
  return crypto.randomUUID();
}

/** A UUIDv7 (RFC 9562): ids made on a phone are in the order of their making, too. */
export function newUuid(now: Date): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  new DataView(bytes.buffer).setUint32(0, Math.floor(now.getTime() / 0x10000));
  new DataView(bytes.buffer).setUint16(4, now.getTime() % 0x10000);
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Buffer.from(bytes).toString("hex");
  return [[0, 8], [8, 12], [12, 16], [16, 20], [20, 32]]
    .map(([from, to]) => hex.slice(from, to))
    .join("-");
}
