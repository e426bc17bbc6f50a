/** Secrets that are known again wherever they turn up, and the search for them. */
import { randomBytes } from "node:crypto"

export type Canary = {
  readonly name: string
  readonly value: string
  /** A part of it that stands in each of its spellings as it is, whatever is escaped around it. */
  readonly core: string
}

/** A place where something may be read, and all that stands there. */
export type Sink = { readonly name: string; readonly bytes: Uint8Array }

export type Leak = { readonly sink: string; readonly canary: string; readonly form: string; readonly around: string }

/** Values of secret parameters: what quoting, encoding and cutting into lines do to each is not the same. */
export function parameterCanaries(): readonly Canary[] {
  const spelled = (name: string, spell: (core: string) => string): Canary => {
    const core = randomBytes(10).toString("hex")
    return { name, core, value: spell(core) }
  }
  return [
    spelled("plain", (core) => `c4n4ry-${core}`),
    spelled("quotes", (core) => `it's "${core}" \\ back\\\\`),
    spelled("unicode", (core) => `schlüssel-${core}-日本-😀-\u0301é`),
    spelled("lines", (core) => `-----BEGIN ${core}\n\tsecond-${core}\r\nthird ${core}\n`),
    spelled("base64", (core) => `${Buffer.from("c4n4ry of a key").toString("base64")}+/${core}==`),
    spelled("address", (core) => `postgres://me:p%40ss+${core}@db.invalid/x?a=b&c=<d>`),
  ]
}

/** What has no spelling to be careful with: keys, cookies, passwords. */
export function canaryOf(name: string, value: string): Canary {
  const core = /c4n4ry/.test(value) ? (/[0-9a-f]{8,}/.exec(value)?.[0] ?? value) : value.slice(4, 28)
  if (core.length < 8) throw new Error(`${name} is too short to be looked for: ${core.length} characters`)
  return { name, value, core }
}

/** As it is; and in base 64 at each of its three places, and in hexadecimal. */
export function formsOf({ core }: Pick<Canary, "core">): readonly (readonly [string, string])[] {
  const hex = Buffer.from(core).toString("hex")
  return [
    ["as it is", core],
    ...[0, 1, 2].map((shift) => [`base 64 (${shift})`, base64At(core, shift)] as const),
    ["hexadecimal", hex],
    ["HEXADECIMAL", hex.toUpperCase()],
  ]
}

/** What of it stands in every base 64 in which it begins `shift` bytes into a group of three. */
export function base64At(text: string, shift: number): string {
  const encoded = Buffer.concat([Buffer.alloc(shift), Buffer.from(text)])
    .toString("base64")
    .replace(/=+$/, "")
  const first = Math.ceil((shift * 8) / 6)
  const whole = Math.floor(((shift + Buffer.byteLength(text)) * 8) / 6)
  return encoded.slice(first, whole)
}

export function leaksIn(sinks: readonly Sink[], canaries: readonly Canary[]): readonly Leak[] {
  const needles = canaries.flatMap((canary) => formsOf(canary).map(([form, text]) => ({ canary: canary.name, form, needle: Buffer.from(text) })))
  return sinks.flatMap(({ name, bytes }) => {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    return needles.flatMap(({ canary, form, needle }) => {
      const at = buffer.indexOf(needle)
      if (at < 0) return []
      const around = JSON.stringify(buffer.subarray(Math.max(0, at - 60), at + needle.length + 20).toString("latin1"))
      return [{ sink: name, canary, form, around }]
    })
  })
}
