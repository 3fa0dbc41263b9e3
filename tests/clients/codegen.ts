import type { CodegenConfig } from "@graphql-codegen/cli";

/** What a front-end engineer would write: strict, with documents by their hash. */
const config: CodegenConfig = {
  schema: "../../service/schema/schema.graphql",
  documents: ["documents/**/*.graphql"],
  generates: {
    "build/generated/": {
      preset: "client",
      presetConfig: {
        fragmentMasking: false,
        persistedDocuments: { mode: "embedHashInDocument", hashAlgorithm: "sha256" },
      },
      config: {
        useTypeImports: true,
        strictScalars: true,
        enumsAsTypes: true,
        scalars: {
          BigInt: "string",
          CurrencyCode: "string",
          Date: "string",
          DateTime: "string",
          EventCursor: "string",
          Decimal: "string",
          JSON: "unknown",
          LocaleTag: "string",
          LocalTime: "string",
          PhoneNumber: "string",
          TimeZone: "string",
          Url: "string",
        },
      },
    },
  },
};

export default config;
