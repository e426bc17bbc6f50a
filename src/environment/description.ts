/**
 * What an environment is: everything that decides how a cell behaves and that can be known without running one.
 *
 * Its identity is the SHA-256 of its canonical JSON (sorted keys, no spaces, numbers as they are, UTF-8): two machines that
 * hold the same packages for the same kernel under the same interpreter name the same environment, wherever it lies on
 * disk. Therefore no path, no time and no name that people give is in it.
 */

/** The installed kernelspec as far as it decides what runs. */
export type DescribedKernel = {
  readonly name: string
  readonly displayName: string
  readonly language: string
  /** The command line without what differs from machine to machine: `{prefix}`, `{resource_dir}`, `{connection_file}`. */
  readonly argv: readonly string[]
  readonly interruptMode: "signal" | "message"
}

export type Package = {
  /** Normalised as PEP 503 says for Python; as it is written for R. */
  readonly name: string
  readonly version: string
  /** Where it comes from when that is no package index. */
  readonly url?: string
  /** `sha256:…` of every file that may be installed for it, sorted; locked environments only. */
  readonly hashes?: readonly string[]
}

export type Description = {
  readonly format: 1
  /** locked: its packages can be fetched again, each byte proved by a hash. captured: this is all that is known. */
  readonly kind: "locked" | "captured"
  readonly kernel: DescribedKernel
  /** "CPython" 3.12.4, "R" 4.3.1, "deno" 2.9.5; version "" when the program does not tell. */
  readonly interpreter: { readonly name: string; readonly version: string }
  /** "linux", "x86_64", "glibc 2.36". */
  readonly platform: { readonly os: string; readonly machine: string; readonly libc: string }
  /** Sorted by name. */
  readonly packages: readonly Package[]
}

/** The text whose SHA-256 is the environment's digest. */
export function canonical(description: Description): string {
  const packages = [...description.packages].sort(byName).map(({ name, version, url, hashes }) => ({
    name,
    version,
    ...(url ? { url } : {}),
    ...(hashes && hashes.length > 0 ? { hashes: [...new Set(hashes)].sort(byCodeUnit) } : {}),
  }))
  return compact({ ...description, packages })
}

/** JSON with sorted keys and without a space. */
function compact(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(compact).join(",")}]`
  if (typeof value !== "object" || value === null) return JSON.stringify(value)
  const members = Object.entries(value).filter(([, item]) => item !== undefined)
  return `{${members
    .sort(([a], [b]) => byCodeUnit(a, b))
    .map(([key, item]) => `${JSON.stringify(key)}:${compact(item)}`)
    .join(",")}}`
}

function byName(a: Package, b: Package): number {
  return byCodeUnit(a.name, b.name) || byCodeUnit(a.version, b.version)
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
