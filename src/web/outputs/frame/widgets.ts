/** ipywidgets in a frame: the manager of jupyter-widgets with the saved state of the notebook, and a line to the kernel where there is one. */
import type { Told } from "#web/outputs/frame/messages.ts"
import { withOwnImports } from "#web/outputs/frame/scripts.ts"
import type { Drawn, FrameWorld } from "#web/outputs/frame/world.ts"
import type { CommTold } from "#web/outputs/session-comm.ts"

type Model = {
  comm?: unknown
  comm_live: boolean
  _handle_comm_msg(message: unknown): unknown
  _handle_comm_closed(message: unknown): unknown
}
type View = { readonly remove: () => void }
type Manager = {
  set_state(state: unknown): Promise<readonly Model[]>
  has_model(id: string): boolean
  get_model(id: string): Promise<Model>
  create_view(model: Model): Promise<View>
  display_view(view: Promise<View> | View, place: HTMLElement): Promise<void>
  new_model(options: object, state?: object): Promise<Model>
  handle_comm_open(comm: Comm, message: object): Promise<unknown>
  register_model(id: string, model: Promise<Model>): void
  _create_comm: (target: string, id: string, data?: unknown, metadata?: unknown, buffers?: unknown) => Promise<Comm>
  _get_comm_info: () => Promise<object>
}
type Listener = (message: unknown) => void

/** One model's line, as jupyter-widgets has it. */
type Comm = {
  readonly comm_id: string
  readonly target_name: string
  on_msg(listener: Listener): void
  on_close(listener: Listener): void
  send(data: unknown, callbacks?: Callbacks, metadata?: unknown, buffers?: readonly BufferSource[]): string
  close(): string
  readonly told: { message?: Listener; close?: Listener }
}
type Callbacks = { readonly iopub?: { readonly status?: Listener } }

export type Widgets = { readonly tell: (told: Told) => void; readonly show: (place: HTMLElement, model: string) => Promise<Drawn> }

export function openWidgets(world: FrameWorld): Widgets {
  const comms = new Map<string, Comm>()
  const open = lineTo(world, comms)
  let manager: Promise<Manager> | undefined
  let state: unknown
  let isLive = false
  let isFixed = false
  const places = new Set<HTMLElement>()
  const arrivals = new Map<string, () => void>()
  // Messages are taken one after another: a change of a model that is still being made must wait for it.
  let last: Promise<unknown> = Promise.resolve()
  const get = (): Promise<Manager> => {
    manager ??= start({ world, open, state, isLive })
    return manager
  }
  return {
    tell(told) {
      if (told.do === "widgets") {
        const isNew = told.isLive && !isLive
        isLive = told.isLive
        isFixed = told.isFixed
        for (const place of places) place.inert = isFixed
        if (isNew && manager) last = last.then(async () => connectAll(await get(), state, open)).catch(warn)
        if (told.state === undefined || told.state === state) return
        state = told.state
        if (manager) last = last.then(async () => (await get()).set_state(decodedState(state))).catch(warn)
      }
      if (told.do === "comm") last = last.then(async () => hear(await get(), { comms, open, arrivals }, told.told)).catch(warn)
    },
    async show(place, id) {
      const found = await get()
      await last
      for (const name of modulesOf(state, id)) await moduleOf(world, name)
      const model = await modelOf({ manager: found, id, isLive, isFixed, comms, open, arrivals })
      const view = await found.create_view(model)
      await found.display_view(view, place)
      places.add(place)
      place.inert = isFixed
      return () => {
        places.delete(place)
        view.remove()
      }
    },
  }
}

function warn(error: unknown): void {
  console.warn(error)
}

type Start = { readonly world: FrameWorld; readonly open: Open; readonly state: unknown; readonly isLive: boolean }
type Open = (id: string, target: string) => Comm

async function start({ world, open, state, isLive }: Start): Promise<Manager> {
  await world.part("widgets")
  const { HTMLManager } = (await world.amd.load("@jupyter-widgets/html-manager")) as { readonly HTMLManager: new (options: object) => Manager }
  const manager = new HTMLManager({ loader: (name: string) => moduleOf(world, name) })
  manager._create_comm = async (target, id) => open(id, target)
  manager._get_comm_info = async () => ({})
  if (state !== undefined) await manager.set_state(decodedState(state))
  if (isLive) await connectAll(manager, state, open)
  return manager
}

/** Models of the saved state get a line to the kernel: what is moved is told it. A kernel that has no such model lets it pass. */
async function connectAll(manager: Manager, state: unknown, open: Open): Promise<void> {
  const saved = (decodedState(state) as { readonly state: object }).state
  for (const id of Object.keys(saved)) if (manager.has_model(id)) connect(await manager.get_model(id), open(id, "jupyter.widget"))
}

function connect(model: Model, comm: Comm): void {
  if (model.comm) return
  model.comm = comm
  model.comm_live = true
  comm.on_msg((message) => model._handle_comm_msg(message))
  comm.on_close((message) => model._handle_comm_closed(message))
}

/** The modules that a widget and those in it are made of, but for the ones that are always there. */
function modulesOf(state: unknown, id: string, seen: Set<string> = new Set()): ReadonlySet<string> {
  const models = (decodedState(state) as { readonly state: Readonly<Record<string, Saved | undefined>> }).state
  const names = new Set<string>()
  const visit = (one: string): void => {
    const saved = models[one]
    if (!saved || seen.has(one)) return
    seen.add(one)
    if (saved.model_module && !saved.model_module.startsWith("@jupyter-widgets/")) names.add(saved.model_module)
    for (const inner of referencesIn(saved.state)) visit(inner)
  }
  visit(id)
  return names
}

type Saved = { readonly model_module?: string; readonly state?: unknown }

/** Packages whose modules do not bear their name. */
const PACKAGES: Readonly<Record<string, string>> = {
  "jupyter-matplotlib": "ipympl",
  "jupyter-leaflet": "ipyleaflet",
  "jupyter-threejs": "pythreejs",
  bqplot: "bqplot",
}

/** A widget's own module, from the environment where its package brought it. */
async function moduleOf(world: FrameWorld, name: string): Promise<unknown> {
  const missing = (why: unknown): never => {
    throw new Error(
      `The widget's own code, ${name}, was not found: ${why instanceof Error ? why.message : String(why)}. Install ${PACKAGES[name] ?? "its package"} into the environment that the notebook runs in.`,
    )
  }
  if (name !== "anywidget") return world.amd.load(name).catch(missing)
  return world.amd.load(name).catch(() => ownAnywidget(world))
}

/** What anywidget's own module does, for environments that do not have it: a model whose code comes with its state. */
async function ownAnywidget(world: FrameWorld): Promise<unknown> {
  const base = (await world.amd.load("@jupyter-widgets/base")) as {
    readonly DOMWidgetModel: new (...given: never[]) => object
    readonly DOMWidgetView: new (...given: never[]) => { readonly model: AnyModel; readonly el: HTMLElement }
  }
  class AnyModel_ extends base.DOMWidgetModel {}
  class AnyView extends base.DOMWidgetView {
    async render(): Promise<void> {
      const { model, el } = this
      const css = model.get("_css")
      if (typeof css === "string" && css !== "") {
        const style = document.createElement("style")
        style.textContent = css
        el.before(style)
        document.head.append(style)
      }
      const code = await withOwnImports(String(model.get("_esm") ?? ""), world)
      const module = await importText(code)
      const found = typeof module["default"] === "function" ? await (module["default"] as () => unknown)() : (module["default"] ?? module)
      const { initialize, render } = found as { readonly initialize?: (given: object) => unknown; readonly render?: (given: object) => unknown }
      await initialize?.({ model })
      await render?.({ model, el })
    }
  }
  return { AnyModel: AnyModel_, AnyView }
}

type AnyModel = { get(name: string): unknown }

function importText(code: string): Promise<Readonly<Record<string, unknown>>> {
  const address = URL.createObjectURL(new Blob([code], { type: "text/javascript" }))
  return new Function("address", "return import(address)")(address) as Promise<Readonly<Record<string, unknown>>>
}

type Wanted = {
  readonly manager: Manager
  readonly id: string
  readonly isLive: boolean
  readonly isFixed: boolean
  readonly comms: Map<string, Comm>
  readonly open: Open
  readonly arrivals: Arrivals
}

/** What to do when a model that an output waits for is opened after all. */
type Arrivals = Map<string, () => void>

const PATIENCE_MS = 10_000

/** The model, from the saved state or as it was opened; else from the kernel, which is asked for its state. */
async function modelOf(wanted: Wanted): Promise<Model> {
  const { manager, id, isLive, isFixed, arrivals } = wanted
  if (manager.has_model(id)) return manager.get_model(id)
  if (!isLive && !isFixed) throw new Error("The state of this widget was not saved with the notebook. Run the cell to see it.")
  const arrived = new Promise<void>((done) => arrivals.set(id, done))
  const late = new Promise<never>((_, failed) => {
    if (isFixed) setTimeout(() => failed(new Error("The kernel has not said what this widget is like. Run the cell to see it.")), PATIENCE_MS)
  })
  await Promise.race([arrived, isLive ? restored(wanted, new Set()) : late]).finally(() => arrivals.delete(id))
  return manager.get_model(id)
}

/** Asks the kernel for a model and for those that it refers to, the innermost first. */
async function restored(wanted: Wanted, asked: Set<string>): Promise<void> {
  const { manager, id, comms, open } = wanted
  if (asked.has(id) || manager.has_model(id)) return
  asked.add(id)
  const comm = comms.get(id) ?? open(id, "jupyter.widget")
  const answer = await new Promise<Update>((done, failed) => {
    const late = setTimeout(() => failed(new Error("The kernel does not know this widget any more. Run the cell again.")), PATIENCE_MS)
    comm.told.message = (message) => {
      const { content, buffers } = message as { readonly content: { readonly data: Update }; readonly buffers: readonly DataView[] }
      if (content.data.method !== "update") return
      clearTimeout(late)
      put(content.data.state, content.data.buffer_paths ?? [], buffers)
      done(content.data)
    }
    comm.send({ method: "request_state" })
  })
  for (const inner of referencesIn(answer.state)) await restored({ ...wanted, id: inner }, asked)
  if (manager.has_model(id)) return
  const said = (name: string): string => String(answer.state[name] ?? "")
  await manager.new_model(
    {
      model_name: said("_model_name"),
      model_module: said("_model_module"),
      model_module_version: said("_model_module_version"),
      model_id: id,
      comm,
    },
    answer.state,
  )
}

type Update = { readonly method: string; readonly state: Record<string, unknown>; readonly buffer_paths?: readonly (readonly (string | number)[])[] }

function referencesIn(value: unknown): readonly string[] {
  if (typeof value === "string") return value.startsWith("IPY_MODEL_") ? [value.slice("IPY_MODEL_".length)] : []
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return []
  return Object.values(value).flatMap(referencesIn)
}

function put(state: Record<string, unknown>, paths: readonly (readonly (string | number)[])[], buffers: readonly DataView[]): void {
  paths.forEach((path, index) => {
    let at: Record<string | number, unknown> = state
    for (const step of path.slice(0, -1)) at = at[step] as Record<string | number, unknown>
    const name = path.at(-1)
    if (name !== undefined && buffers[index]) at[name] = buffers[index]
  })
}

/** nbformat's form of the state is what `set_state` takes; an absent version says it is the newest. */
function decodedState(state: unknown): unknown {
  const inner = (state as { readonly state?: unknown } | null)?.state
  return { version_major: 2, version_minor: 0, state: inner ?? {} }
}

function lineTo(world: FrameWorld, comms: Map<string, Comm>): (id: string, target: string) => Comm {
  return (id, target) => {
    const known = comms.get(id)
    if (known) return known
    const told: Comm["told"] = {}
    const comm: Comm = {
      comm_id: id,
      target_name: target,
      told,
      on_msg: (listener) => {
        told.message = listener
      },
      on_close: (listener) => {
        told.close = listener
      },
      send: (data, callbacks, _metadata, buffers) => {
        world.say({ say: "comm", commId: id, data: data as Readonly<Record<string, unknown>>, buffers: (buffers ?? []).map(base64) })
        // Models hold back their next change until the kernel is idle again: nobody tells the frame, so it is at once.
        setTimeout(() => callbacks?.iopub?.status?.({ content: { execution_state: "idle" } }), 20)
        return id
      },
      close: () => {
        comms.delete(id)
        return id
      },
    }
    comms.set(id, comm)
    return comm
  }
}

type Hearing = { readonly comms: Map<string, Comm>; readonly open: Open; readonly arrivals: Arrivals }

async function hear(manager: Manager, { comms, open, arrivals }: Hearing, told: CommTold): Promise<void> {
  const id = String(told.content["comm_id"] ?? "")
  const buffers = told.buffers.map(bytes)
  const message = { content: told.content, buffers, metadata: { version: "2.1.0" }, header: {}, parent_header: {}, channel: "iopub" }
  if (told.type === "comm_open") {
    if (told.content["target_name"] !== "jupyter.widget") return
    const comm = open(id, "jupyter.widget")
    if (manager.has_model(id)) {
      // It was saved, or told before the connection was lost: this is how it is now.
      connect(await manager.get_model(id), comm)
      const { state, buffer_paths = [] } = told.content["data"] as Omit<Update, "method">
      await comm.told.message?.({ ...message, content: { ...told.content, data: { method: "update", state, buffer_paths } } })
    } else await manager.handle_comm_open(comm, message)
    arrivals.get(id)?.()
    return
  }
  const comm = comms.get(id)
  if (told.type === "comm_msg") await comm?.told.message?.(message)
  else {
    comm?.told.close?.(message)
    comms.delete(id)
  }
}

function base64(buffer: BufferSource): string {
  const view = ArrayBuffer.isView(buffer) ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength) : new Uint8Array(buffer)
  let binary = ""
  for (let at = 0; at < view.length; at += 32_768) binary += String.fromCharCode(...view.subarray(at, at + 32_768))
  return btoa(binary)
}

function bytes(text: string): DataView {
  return new DataView(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer)
}
