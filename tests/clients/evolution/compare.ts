/**
 * Compare schemas as graphql-inspector sees them.
 *
 * Reads a list of `[old, new]` texts from standard input and prints for each what changed, in words:
 * `{ breaking, dangerous }`.
 */
import { CriticalityLevel, diff } from "@graphql-inspector/core";
import { buildSchema } from "graphql";
import { readFileSync } from "node:fs";

interface Found {
  readonly breaking: string[];
  readonly dangerous: string[];
}

async function compared(before: string, after: string): Promise<Found> {
  const changes = await diff(buildSchema(before), buildSchema(after));
  const at = (level: CriticalityLevel) =>
    changes.filter(({ criticality }) => criticality.level === level).map(({ message }) => message);
  return { breaking: at(CriticalityLevel.Breaking), dangerous: at(CriticalityLevel.Dangerous) };
}

const pairs = JSON.parse(readFileSync(0, "utf-8")) as [string, string][];
console.log(JSON.stringify(await Promise.all(pairs.map((pair) => compared(...pair)))));
