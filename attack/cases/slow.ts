/** Connections that are held as long as they can be. */
import type { Attack } from "../attack.ts"
import type { Target } from "../target.ts"
import { beside } from "./bodies.ts"

// A header must come within 20 s, which is looked at every 5 s.
const HEADER_MS = 27_000

export const SLOW: Attack = {
  name: "connections whose header comes a byte a second, and others that ask and never read",
  waits: true,
  async run(target, tier) {
    const count = tier === "full" ? 1000 : 150
    const held = await beside(target, () => holding(target, count))
    const holes = [
      ...(held.value.open === 0 ? [] : [`${held.value.open} of ${count} connections were still open after ${HEADER_MS / 1000} s`]),
      ...(held.failed > 0 ? [`${held.failed} of ${held.asked} requests of an innocent client failed meanwhile`] : []),
    ]
    return { tried: count * 2, holes, notes: [`an innocent client meanwhile: ${held.asked} answers, p99 ${held.p99} ms`] }
  },
}

async function holding({ wire, platform, admin }: Target, count: number): Promise<{ readonly open: number }> {
  const slow = Array.from({ length: count }, () => wire.open())
  const deaf = Array.from({ length: count }, () => wire.open())
  let open = count
  for (const socket of [...slow, ...deaf]) socket.on("error", () => undefined)
  for (const socket of slow) {
    socket.resume()
    socket.once("close", () => {
      open--
    })
    socket.write("GET /livez HTTP/1.1\r\n")
  }
  for (const socket of deaf) {
    socket.pause()
    socket.write(`GET /api/openapi.json HTTP/1.1\r\nHost: localhost:${platform.port}\r\nAuthorization: ${admin["authorization"]}\r\n\r\n`)
  }
  const trickle = setInterval(() => {
    for (const socket of slow) if (socket.writable) socket.write("X")
  }, 1000)
  for (const late = performance.now() + HEADER_MS; open > 0 && performance.now() < late; ) await new Promise((next) => setTimeout(next, 250))
  clearInterval(trickle)
  for (const socket of [...slow, ...deaf]) socket.destroy()
  return { open }
}
