/** What the ecosystem expects of a schema and of a client's documents. Run from the project's top. */
import graphql from "@graphql-eslint/eslint-plugin";
import { fileURLToPath } from "node:url";

const schema = fileURLToPath(new URL("../../service/schema/schema.graphql", import.meta.url));
const FOLDERS = ["tests/clients/documents", "docs/examples/phone/documents", "docs/examples/web/documents"];
const documents = FOLDERS.map((folder) =>
  fileURLToPath(new URL(`../../${folder}/*.graphql`, import.meta.url)),
);

function rules(files, rules) {
  return {
    files,
    plugins: { "@graphql-eslint": graphql },
    languageOptions: {
      parser: graphql.parser,
      parserOptions: { graphQLConfig: { schema, documents } },
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules,
  };
}

export default [
  rules(["service/schema/schema.graphql"], {
    ...graphql.configs["flat/schema-recommended"].rules,
    ...graphql.configs["flat/schema-relay"].rules,
    "@graphql-eslint/no-scalar-result-type-on-mutation": "error",
    "@graphql-eslint/require-nullable-fields-with-oneof": "error",
    "@graphql-eslint/require-description": [
      "error",
      {
        types: true,
        rootField: true,
        FieldDefinition: true,
        InputValueDefinition: true,
        EnumValueDefinition: true,
      },
    ],
    // Parts without a life of their own have no id: they live and change with their record.
    "@graphql-eslint/strict-id-in-types": "off",
    // A connection also lists its `nodes`, and small bounded lists need no pages.
    "@graphql-eslint/relay-edge-types": ["error", { listTypeCanWrapOnlyEdgeType: false }],
    // It reads beginnings of words: a claim's `claimant` is no `claim` said twice. Ours reads words.
    "@graphql-eslint/no-typename-prefix": "off",
  }),
  rules(
    FOLDERS.map((folder) => `${folder}/*.graphql`),
    {
      ...graphql.configs["flat/operations-recommended"].rules,
      // Names are a client's own, and another's may be the same; the generator refuses doubles in one.
      "@graphql-eslint/unique-operation-name": "off",
      "@graphql-eslint/unique-fragment-name": "off",
    },
  ),
];
