/**
 * SHA-256 (FIPS 180-4) of a cell's source, the same in a browser and in the server. Browsers have their own only on pages that came
 * over TLS or from this machine, and only asynchronously.
 */
const K = constants(64, 1 / 3)
const START = constants(8, 1 / 2)

/** Lower-case hex of the SHA-256 of the source as UTF-8. */
export function sourceDigest(source: string): string {
  const blocks = padded(new TextEncoder().encode(source))
  const state = Int32Array.from(START)
  const words = new Int32Array(64)
  for (let at = 0; at < blocks.byteLength; at += 64) compress(state, blocks, { at, words })
  return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("")
}

function padded(bytes: Uint8Array): DataView {
  const length = Math.ceil((bytes.length + 9) / 64) * 64
  const all = new Uint8Array(length)
  all.set(bytes)
  all[bytes.length] = 0x80
  const view = new DataView(all.buffer)
  view.setUint32(length - 8, Math.floor(bytes.length / 2 ** 29))
  view.setUint32(length - 4, (bytes.length << 3) >>> 0)
  return view
}

const turn = (word: number, by: number) => (word >>> by) | (word << (32 - by))

function compress(state: Int32Array, blocks: DataView, { at, words: w }: { readonly at: number; readonly words: Int32Array }): void {
  for (let i = 0; i < 16; i++) w[i] = blocks.getInt32(at + i * 4)
  for (let i = 16; i < 64; i++) {
    const [x, y] = [w[i - 15] as number, w[i - 2] as number]
    const s0 = turn(x, 7) ^ turn(x, 18) ^ (x >>> 3)
    const s1 = turn(y, 17) ^ turn(y, 19) ^ (y >>> 10)
    w[i] = ((w[i - 16] as number) + s0 + (w[i - 7] as number) + s1) | 0
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state
  for (let i = 0; i < 64; i++) {
    const big1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)
    const t1 = (h + big1 + ((e & f) ^ (~e & g)) + (K[i] as number) + (w[i] as number)) | 0
    const big0 = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)
    const t2 = (big0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
    h = g
    g = f
    f = e
    e = (d + t1) | 0
    d = c
    c = b
    b = a
    a = (t1 + t2) | 0
  }
  for (const [i, word] of [a, b, c, d, e, f, g, h].entries()) state[i] = ((state[i] as number) + word) | 0
}

/** The first 32 bits of the fractions of roots of the first primes. */
function constants(count: number, power: number): Int32Array {
  const found = new Int32Array(count)
  for (let [i, n] = [0, 2]; i < count; n++) {
    if (!isPrime(n)) continue
    const root = n ** power
    found[i++] = ((root - Math.floor(root)) * 2 ** 32) | 0
  }
  return found
}

function isPrime(n: number): boolean {
  for (let d = 2; d * d <= n; d++) if (n % d === 0) return false
  return true
}
