import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { pythonWithServer, startServer, type TestServer } from "#kernel/adapters/gateway/testing.ts"
import { gatewayKernels } from "#kernel/adapters/gateway.ts"
import { MANNERS, type Manners } from "#kernel/contract/manners.ts"
import { kernelContract } from "#kernel/contract/testing.ts"

const python = pythonWithServer()
const FORMS = { "a Jupyter server": [], "a Jupyter server that knows only the older form": ["--ZMQChannelsWebsocketConnection.kernel_ws_protocol="] }

// A server looks after its kernels every three seconds, starts a dead one again, and gives it time to do so.
const MANNERS_THERE: Manners = { ...MANNERS.python3, conditional: false, death: { told: "restarted", withinMs: 10_000 } }

describe.skipIf(!python && !process.env["CI"])("a Jupyter server", () => {
  test("is installed where STET_TEST_PYTHON points", () => {
    expect(python, "Install jupyter_server into the Python that STET_TEST_PYTHON names.").toBeDefined()
  })

  for (const [name, flags] of Object.entries(python ? FORMS : {})) {
    describe(name, () => {
      let server: TestServer
      beforeAll(async () => {
        // Its output limit is for browsers; the contract prints more.
        server = await startServer(python!, ["--ZMQChannelsWebsocketConnection.limit_rate=False", ...flags])
      })
      afterAll(() => server?.stop())
      const make = async () => ({
        kernels: gatewayKernels({ url: server.url, token: server.token }),
        kernelName: "python3",
        isGone: async () => (await countKernels(server)) <= 1,
      })
      kernelContract(name, make, MANNERS_THERE)
    })
  }
})

/** How many kernels the server has: the one that the suite shares, and any that was left behind. */
async function countKernels(server: TestServer): Promise<number> {
  const answer = await fetch(new URL("api/kernels", server.url), { headers: { authorization: `token ${server.token}` } })
  return ((await answer.json()) as unknown[]).length
}
