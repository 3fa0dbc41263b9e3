/**
 * Compiled, never run: what a generated client knows before a request is sent.
 *
 * Each line marked `@ts-expect-error` is a mistake that the types must refuse; where they let it
 * pass, the mark itself is the error.
 */
import type { ResultOf, VariablesOf } from "@graphql-typed-document-node/core";
import {
  ArriveDocument,
  type ErrorCode,
  type ReceptionMode,
  VisitByIdDocument,
  VisitsPageDocument,
} from "../build/generated/graphql";

type Arrival = VariablesOf<typeof ArriveDocument>["input"];
type Page = ResultOf<typeof VisitsPageDocument>["visits"];
type Shown = NonNullable<ResultOf<typeof VisitByIdDocument>["visit"]>;

export const arrival: Arrival = {
  idempotencyKey: "an-arrival-of-today",
  siteId: "site_1",
  customer: { phone: "+8613800138000" },
};

// @ts-expect-error an arrival without its idempotency key
export const keyless: Arrival = { siteId: "site_1" };

export const both: Arrival = {
  ...arrival,
  // @ts-expect-error a customer is a known party or a number, never both
  customer: { partyId: "party_1", phone: "+8613800138000" },
};

// @ts-expect-error an input has no field that the schema does not know
export const unknown: Arrival = { ...arrival, colour: "red" };

// @ts-expect-error the closed list of modes
export const mode: ReceptionMode = "SOMEHOW";

export const code: ErrorCode = "IDEMPOTENCY_KEY_REUSED";

/** A receiver may be out of sight; his name is not to be had without asking first. */
export function receiver(visit: Shown): string {
  // @ts-expect-error the receiver may be null
  const hasty: string = visit.receiver.name;
  return visit.receiver?.name ?? hasty;
}

/** The lists themselves are never null, and neither are their entries. */
export function firstId(page: Page): string | undefined {
  return page.edges.map(({ node }) => node.id)[0];
}

/** A field that was not asked for is not there. */
export function survey(visit: Shown): unknown {
  // @ts-expect-error the document does not select it
  return visit.survey;
}
