import { defineConfig } from "vite";

/** The API and the page share one address, as they would behind a proxy: no other origin is let in. */
const server = process.env["BAILIWICK_URL"] ?? "http://127.0.0.1:8000";
const proxy = { "/graphql": { target: server, ws: true }, "/auth": { target: server } };

export default defineConfig({ server: { proxy }, preview: { proxy } });
