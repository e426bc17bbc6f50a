/** A small AMD loader: `define`, `require`, `require.config`, `require.undef`, for outputs and widgets that were written for RequireJS. */

type Factory = (...given: unknown[]) => unknown
type Definition = { readonly needs: readonly string[]; readonly factory: unknown }
type Config = { readonly paths?: Readonly<Record<string, string | readonly string[]>> }

type Require = ((needs: unknown, done?: Factory, failed?: (error: unknown) => void) => unknown) & {
  config: (config: Config) => unknown
  undef: (name: string) => void
  defined: (name: string) => boolean
  specified: (name: string) => boolean
  toUrl: (name: string) => string
}

/** `fetchText`: the text of a module that nothing in the frame defined; rejects when there is none. `run`: executes code as a script does. */
export type AmdWorld = {
  readonly fetchText: (name: string, address: string | undefined) => Promise<string>
  readonly run: (code: string) => void
}

export class Amd {
  readonly #world: AmdWorld
  readonly #definitions = new Map<string, Definition>()
  readonly #modules = new Map<string, Promise<unknown>>()
  readonly #ready = new Map<string, unknown>()
  readonly #paths = new Map<string, string>()
  /** Whose definition one without a name is, while a module's own text runs. */
  #nameless: string | undefined

  constructor(world: AmdWorld) {
    this.#world = world
  }

  readonly define = (...given: unknown[]): void => {
    const name = typeof given[0] === "string" ? given[0] : this.#nameless
    const [first, second] = typeof given[0] === "string" ? given.slice(1) : given
    const key = name ?? `(nameless ${this.#definitions.size})`
    this.#definitions.set(key, Array.isArray(first) ? { needs: first as string[], factory: second } : { needs: impliedNeeds(first), factory: first })
    // The module whose text this is is being made right now; another of that name is old.
    if (key !== this.#nameless) this.#modules.delete(key)
    if (name === undefined) void this.load(key).catch(() => undefined)
  }

  put(name: string, module: unknown): void {
    this.#modules.set(name, Promise.resolve(module))
    this.#ready.set(name, module)
  }

  /** Runs code with `define.amd` visible: elsewhere it is not, or libraries that know both ways would not put themselves into the window. */
  run(code: string, name?: string): void {
    const before = this.#nameless
    const define = this.define as { amd?: object }
    this.#nameless = name
    define.amd = { jQuery: true }
    try {
      this.#world.run(code)
    } finally {
      this.#nameless = before
      delete define.amd
    }
  }

  load(name: string): Promise<unknown> {
    const found = this.#modules.get(name)
    if (found) return found
    const loading = this.#made(name)
    this.#modules.set(name, loading)
    loading.then(
      (module) => this.#ready.set(name, module),
      () => this.#modules.get(name) === loading && this.#modules.delete(name),
    )
    return loading
  }

  async #made(name: string): Promise<unknown> {
    if (!this.#definitions.has(name)) this.run(await this.#world.fetchText(name, this.#paths.get(name)), name)
    const definition = this.#definitions.get(name)
    // A script that defines no module has put itself in the window, or nowhere.
    if (!definition) return undefined
    const module = { id: name, uri: `https://frame.invalid/${name}.js`, exports: {} as unknown }
    const own: Readonly<Record<string, unknown>> = { require: this.require, exports: module.exports, module }
    const given = await Promise.all(definition.needs.map((need) => (Object.hasOwn(own, need) ? own[need] : this.load(beside(name, need)))))
    if (typeof definition.factory !== "function") return definition.factory
    const value = (definition.factory as Factory)(...given)
    return value === undefined ? module.exports : value
  }

  readonly require: Require = Object.assign(
    (needs: unknown, done?: Factory, failed?: (error: unknown) => void): unknown => {
      if (typeof needs === "string") {
        if (!this.#ready.has(needs)) throw new Error(`module ${needs} has not been loaded yet`)
        return this.#ready.get(needs)
      }
      const names = Array.isArray(needs) ? needs.map(String) : []
      void Promise.all(names.map((name) => this.load(name))).then(
        (given) => done?.(...given),
        (error: unknown) => {
          if (!failed) throw error
          failed(Object.assign(error instanceof Error ? error : new Error(String(error)), { requireModules: names, requireType: "scripterror" }))
        },
      )
      return this.require
    },
    {
      config: (config: Config): unknown => {
        for (const [name, path] of Object.entries(config?.paths ?? {})) this.#paths.set(name, typeof path === "string" ? path : (path[0] ?? ""))
        return this.require
      },
      undef: (name: string): void => {
        for (const map of [this.#definitions, this.#modules, this.#ready]) map.delete(name)
      },
      defined: (name: string): boolean => this.#ready.has(name),
      specified: (name: string): boolean => this.#modules.has(name) || this.#definitions.has(name),
      toUrl: (name: string): string => name,
    },
  )
}

/** A factory without a list of needs takes as many of these as it has parameters. */
function impliedNeeds(factory: unknown): readonly string[] {
  return typeof factory === "function" ? ["require", "exports", "module"].slice(0, factory.length) : []
}

/** `./other` of `widget/index` is `widget/other`. */
export function beside(name: string, need: string): string {
  if (!need.startsWith(".")) return need
  const parts = name.split("/").slice(0, -1)
  for (const step of need.split("/")) {
    if (step === "..") parts.pop()
    else if (step !== ".") parts.push(step)
  }
  return parts.join("/")
}
