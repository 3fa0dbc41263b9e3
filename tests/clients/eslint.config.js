/** What the ecosystem expects of a schema and of a client's documents. Run from the project's top. */
import graphql from "@graphql-eslint/eslint-plugin";
import { fileURLToPath } from "node:url";

const schema = fileURLToPath(new URL("../../service/schema/schema.graphql", import.meta.url));
const documents = fileURLToPath(new URL("./documents/**/*.graphql", import.meta.url));
const examples = fileURLToPath(new URL("../../docs/examples/*/documents/*.graphql", import.meta.url));

const common = {
  plugins: { "@graphql-eslint": graphql },
  languageOptions: {
    parser: graphql.parser,
    parserOptions: { graphQLConfig: { schema, documents: [documents, examples] } },
  },
  linterOptions: { reportUnusedDisableDirectives: "error" },
};

export default [
  {
    ...common,
    files: ["service/schema/schema.graphql"],
    rules: {
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
    },
  },
  {
    ...common,
    files: ["tests/clients/documents/**/*.graphql", "docs/examples/*/documents/*.graphql"],
    rules: graphql.configs["flat/operations-recommended"].rules,
  },
];
