/** How the app is built, and served while one works on it: `node node_modules/vite/bin/vite.js` before a running platform. */
import { fileURLToPath } from "node:url"
import react from "@vitejs/plugin-react"
import { build, defineConfig, type Plugin, type Rolldown } from "vite"

const root = fileURLToPath(new URL(".", import.meta.url))
const platform = process.env["STET_URL"] ?? "http://localhost:7838"

/** The nonce stands where the server puts a fresh one into every page it sends. */
const NONCE = "__stet_nonce__"
const NOTEBOOK_PAGE = `${root}src/web/notebook/notebook-page.tsx`

const FIRST = { name: "app", tags: ["$initial" as const], priority: 2 }
const SHARED = { name: "common", test: /node_modules\/(@mantine|@tabler|@floating-ui|react-)|src\/web\/app\//, minShareCount: 3, priority: 1 }

/**
 * Of the contract a browser needs where a route is and what kind of thing it takes and gives: its schemas, and zod with them,
 * check nothing there and stay at the server.
 */
function slimContract(): Plugin {
  return {
    name: "stet-slim-contract",
    enforce: "pre",
    async load(id) {
      if (id !== `${root}src/api/contract.ts`) return
      const { CONTRACT } = (await import("./src/api/contract.ts")) as typeof import("./src/api/contract.ts")
      const rows = Object.entries(CONTRACT).map(([name, route]) => [name, slim(route)])
      return `export const CONTRACT = ${JSON.stringify(Object.fromEntries(rows))}`
    },
  }
}

type Row = import("./src/api/contract.ts").Route

function slim({ method, path, headers, body, answers, repeatable }: Row): object {
  const isKeyed = headers !== undefined && "idempotency-key" in headers.shape
  return {
    method,
    path,
    ...(isKeyed ? { headers: { shape: { "idempotency-key": 0 } } } : {}),
    ...(body && { body: body.kind === "bytes" ? { kind: body.kind, mediaTypes: body.mediaTypes } : { kind: body.kind } }),
    answers: Object.fromEntries(Object.entries(answers).map(([status, { content }]) => [status, { content: { kind: content.kind } }])),
    ...(repeatable === true && { repeatable }),
  }
}

/** `import address from "….ts?frame"`: the module and all it imports as one script of its own, to be sent into output frames as text. */
function frameCode(): Plugin {
  return {
    name: "stet-frame-code",
    enforce: "pre",
    async load(id) {
      if (!id.endsWith("?frame")) return
      const entry = id.slice(0, -"?frame".length)
      const lib = { entry, formats: ["iife" as const], name: "stetRuntime", fileName: "runtime" }
      const built = await build({
        configFile: false,
        logLevel: "warn",
        publicDir: false,
        build: { write: false, minify: true, target: "es2023", lib },
      })
      const [chunk] = (Array.isArray(built) ? built : [built]).flatMap((one) => ("output" in one ? one.output : []))
      if (chunk?.type !== "chunk") throw new Error(`nothing was built of ${entry}`)
      for (const file of chunk.moduleIds) if (file.startsWith(root)) this.addWatchFile(file)
      if (this.meta.watchMode) return `export default URL.createObjectURL(new Blob([${JSON.stringify(chunk.code)}]))`
      const reference = this.emitFile({ type: "asset", name: "frame-runtime.js", source: chunk.code })
      return `export default import.meta.ROLLUP_FILE_URL_${reference}`
    },
  }
}

/**
 * What a notebook's page is made of runs nearly whole while it opens: Chromium then compiles all of it when it first sees it, and
 * keeps that (https://v8.dev/blog/explicit-compile-hints). Others take the line for a comment.
 */
function compiledAhead(): Plugin {
  return {
    name: "stet-compiled-ahead",
    enforce: "post",
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const chunks = new Map(Object.values(bundle).flatMap((one) => (one.type === "chunk" ? [[one.fileName, one] as const] : [])))
        const isOpened = ({ isEntry, facadeModuleId }: Rolldown.OutputChunk) => isEntry || facadeModuleId === NOTEBOOK_PAGE
        const opened = new Set([...chunks.values()].filter(isOpened))
        // A set is walked with what is added meanwhile.
        for (const chunk of opened) {
          for (const name of chunk.imports) opened.add(chunks.get(name)!)
          chunk.code = `//# allFunctionsCalledOnLoad\n${chunk.code}`
        }
      },
    },
  }
}

export default defineConfig({
  root: `${root}src/web`,
  appType: "spa",
  publicDir: false,
  plugins: [slimContract(), frameCode(), react(), compiledAhead()],
  html: { cspNonce: NONCE },
  // Dates of the build would make every build another one.
  define: { "process.env.NODE_ENV": JSON.stringify(process.env["NODE_ENV"] ?? "production") },
  build: {
    target: ["es2023", "chrome120", "firefox120", "safari17"],
    outDir: `${root}build/web`,
    emptyOutDir: true,
    assetsDir: "assets",
    // A font or picture in a data: address would need a hole in the policy of the page.
    assetsInlineLimit: 0,
    cssCodeSplit: true,
    manifest: true,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 8000,
    // What the first page is made of is one file, and what many screens share another: a browser takes longer over sixty small files
    // than over the few hundred functions among them that a screen does not use.
    rolldownOptions: { output: { codeSplitting: { groups: [FIRST, SHARED] } } },
  },
  server: { proxy: { "/api": { target: platform, ws: true }, "/sign-in": platform, "/join": platform, "/reset": platform } },
})
