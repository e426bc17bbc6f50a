/** The app begins here. */
import { localStorageColorSchemeManager, MantineProvider } from "@mantine/core"
import "@mantine/core/styles.layer.css"
import "#web/theme/fonts.css"
import "#web/theme/tokens.css"
import "#web/theme/base.css"
import "#web/theme/mantine.css"
import { QueryClient, QueryClientProvider } from "@tanstack/react-query"
import { RouterProvider } from "@tanstack/react-router"
import { StrictMode } from "react"
import { createRoot } from "react-dom/client"
import { routerFor } from "#web/app/routes.tsx"
import { server } from "#web/app/server.ts"
import { cspNonce, holdToTrustedTypes } from "#web/app/trusted.ts"
import { theme } from "#web/theme/theme.ts"

const PATIENCE_MS = 600

holdToTrustedTypes()
// What keeps the page still behind a dialog writes a style sheet of its own, and asks here for its nonce.
Object.assign(globalThis, { __webpack_nonce__: cspNonce() })

// The server was renewed and this page's parts are gone: the new ones are a reload away, which is tried once.
globalThis.addEventListener("vite:preloadError", async () => {
  const tried = Number(sessionStorage.getItem("stet-reloaded") ?? 0)
  if (Date.now() - tried < 60_000) return
  // Without a server there is nothing to reload, and what is on the page would be lost.
  if (!(await server.look())) return
  sessionStorage.setItem("stet-reloaded", String(Date.now()))
  globalThis.location.reload()
})

const queries = new QueryClient({ defaultOptions: { queries: { staleTime: 5000, refetchOnWindowFocus: true } } })
const router = routerFor(queries)
const schemes = localStorageColorSchemeManager({ key: "stet-colours" })

// A screen that is on its way when the frame is drawn would show a placeholder first, and React lets that stand for a while.
Promise.race([router.load(), new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]).finally(() =>
  createRoot(document.getElementById("root") as HTMLElement).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <MantineProvider theme={theme} defaultColorScheme="auto" colorSchemeManager={schemes} getStyleNonce={cspNonce} deduplicateInlineStyles>
          <RouterProvider router={router} />
        </MantineProvider>
      </QueryClientProvider>
    </StrictMode>,
  ),
)
