import type { CodegenConfig } from "@graphql-codegen/cli";
import type { Types } from "@graphql-codegen/plugin-helpers";
import { type FieldNode, Kind, visit } from "graphql";

const TYPENAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: "__typename" } };

/**
 * Ask every record for its type's name, which a normalised cache needs and a registered document must
 * bring. The top is left alone: a subscription has one field there, and no other.
 */
const typenames: Types.DocumentTransformObject = {
  transform: ({ documents }) =>
    documents.map((file) => ({
      ...file,
      ...(file.document && {
        document: visit(file.document, {
          SelectionSet: (node, _key, parent) =>
            parent && "kind" in parent && parent.kind === Kind.OPERATION_DEFINITION
              ? undefined
              : { ...node, selections: [TYPENAME, ...node.selections] },
        }),
      }),
    })),
};

/**
 * One client's types and documents; the server hands the schema out at /schema.graphql.
 *
 * Documents are plain text where nobody reads their inside, and parsed where a cache does.
 */
function client(
  folder: string,
  mode: { readonly documentMode?: "string" },
  transforms: Types.ConfiguredOutput["documentTransforms"] = [],
): CodegenConfig["generates"] {
  return {
    [`${folder}/src/generated/`]: {
      documents: [`${folder}/documents/*.graphql`],
      documentTransforms: transforms,
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
  generates: {
    ...client("phone", { documentMode: "string" }),
    ...client("web", {}, [typenames]),
  },
};

export default config;
