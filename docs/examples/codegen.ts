import type { CodegenConfig } from "@graphql-codegen/cli";

/**
 * One client's types and documents; the server hands the schema out at /schema.graphql.
 *
 * Documents are plain text where nobody reads their inside, and parsed where a cache does.
 */
function client(
  folder: string,
  mode: { readonly documentMode?: "string" } = {},
): CodegenConfig["generates"] {
  return {
    [`${folder}/src/generated/`]: {
      documents: [`${folder}/documents/*.graphql`],
      preset: "client",
      presetConfig: {
        fragmentMasking: false,
        // `persisted-documents.json` is the manifest that is registered with the server.
        persistedDocuments: { mode: "embedHashInDocument", hashAlgorithm: "sha256" },
      },
      config: {
        ...mode,
        useTypeImports: true,
        enumsAsTypes: true,
        strictScalars: true,
        scalars: {
          BigInt: "string",
          CurrencyCode: "string",
          Date: "string",
          DateTime: "string",
          Decimal: "string",
          EventCursor: "string",
          JSON: "unknown",
          LocaleTag: "string",
          LocalTime: "string",
          PhoneNumber: "string",
          TimeZone: "string",
          Url: "string",
        },
      },
    },
  };
}

const config: CodegenConfig = {
  schema: "../../service/schema/schema.graphql",
  generates: { ...client("phone", { documentMode: "string" }), ...client("web") },
};

export default config;
