/**
 * Whether an update from outside may be put into a draft. Yjs itself takes whatever can be decoded: any type anywhere, other people's
 * numbers, text in maps. Here each of its structs must stand in a place of the schema that a person may write, hold what belongs
 * there, and be complete; and it may take away only what a person may take away. Nothing is applied by looking.
 */

import * as Y from "yjs"
import { isObject, type Json } from "#base/json.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import { isOrder } from "#draft/order.ts"
import { cellsOf, LIVES, type Move, metaOf } from "#draft/schema.ts"
import { fromShared } from "#draft/value.ts"

export type BadUpdate = { readonly refused: "bad_update"; readonly message: string }

export type UpdateLimits = {
  /** Whether this writer's number may be used by whoever sent it. */
  readonly mayWriteAs: (client: number) => boolean
  readonly mostCells: number
}

class Bad extends Error {}

/** What is in an update that may be put in. */
export type CheckedUpdate = {
  /** The cells that it touches. */
  readonly touched: ReadonlySet<string>
  /** Text that it moves from one cell to another. */
  readonly moves: readonly Move[]
  /** Whether nothing but sources is touched. */
  readonly isOnlyText: boolean
}

export function checkUpdate(doc: Y.Doc, update: Uint8Array, limits: UpdateLimits): Outcome<CheckedUpdate, BadUpdate> {
  try {
    const { structs, ds } = Y.decodeUpdate(update)
    return accepted(new Checking(doc, structs, limits).all(ds.clients))
  } catch (error) {
    // Whatever the decoder throws at bytes that are no update, deep nesting included.
    const message = error instanceof Bad ? error.message : "it cannot be read"
    return refused({ refused: "bad_update", message: `The edit was not taken: ${message}.` })
  }
}

type Struct = Y.Item | Y.GC | Y.Skip
type Deletions = ReadonlyMap<number, readonly { readonly clock: number; readonly len: number }[]>

/** Where something stands: directly at the top, in a cell, in a map of metadata, in a source. */
type Spot = { readonly in: "cells" | "meta" | "notebook metadata" } | { readonly in: "cell" | "cell metadata" | "source"; readonly cell: string }
type Placed = { readonly spot: Spot; readonly key: string | null }

const SERVERS_KEYS = /^(shows|extra|(carried|once)\/.*)$/s
const PARTS = new Set(["source", "metadata"])

class Checking {
  readonly touched = new Set<string>()
  readonly moves: Move[] = []
  #isOnlyText = true
  #runs = 0
  readonly #doc: Y.Doc
  readonly #limits: UpdateLimits
  readonly #structs: ReadonlyMap<number, readonly Struct[]>
  readonly #placed = new Map<Y.Item, Placed>()
  readonly #newCells = new Set<string>()
  /** Parts that are made, as "cell part". */
  readonly #born = new Set<string>()

  constructor(doc: Y.Doc, structs: readonly Struct[], limits: UpdateLimits) {
    this.#doc = doc
    this.#limits = limits
    const byClient = new Map<number, Struct[]>()
    for (const struct of structs) {
      const known = byClient.get(struct.id.client)
      if (known) known.push(struct)
      else byClient.set(struct.id.client, [struct])
    }
    this.#structs = byClient
  }

  all(deletions: Deletions): CheckedUpdate {
    for (const [client, structs] of this.#structs) this.#checkWriter(client, structs)
    for (const [client, ranges] of deletions) for (const { clock, len } of ranges) this.#checkDeletion(client, clock, len)
    for (const id of this.#newCells) for (const part of PARTS) if (!this.#born.has(`${id} ${part}`)) throw new Bad(`the cell ${id} has no ${part}`)
    if (this.#newCells.size > 0 && cellsOf(this.#doc).size + this.#newCells.size > this.#limits.mostCells)
      throw new Bad(`a draft holds at most ${this.#limits.mostCells} cells`)
    return { touched: this.touched, moves: this.moves, isOnlyText: this.#isOnlyText }
  }

  #checkWriter(client: number, structs: readonly Struct[]): void {
    let next = Y.getState(this.#doc.store, client)
    const known = next
    for (const struct of structs) {
      if (!(struct instanceof Y.Item)) throw new Bad("it leaves something out")
      const { clock } = struct.id
      if (clock > next || !(struct.length > 0 && struct.length < 2 ** 31)) throw new Bad("what it builds on is not here")
      next = Math.max(next, clock + struct.length)
      // What is known already changes nothing, so that the same may come twice.
      if (clock + struct.length > known) this.#checkItem(struct)
    }
    if (next > known && !this.#limits.mayWriteAs(client)) throw new Bad("it is written in the name of somebody else")
  }

  #checkItem(item: Y.Item): void {
    const { spot, key } = this.#place(item)
    if (spot.in === "cells") this.#checkBirth(item, key)
    else if (spot.in === "cell") this.#checkMember(item, spot.cell, key)
    else if (spot.in === "source") checkText(item, key)
    else if (spot.in === "cell metadata" || spot.in === "notebook metadata") checkMetadata(item, key)
    else throw new Bad("it changes what only the server writes")
    this.#touch(spot)
  }

  #checkBirth({ content }: Y.Item, id: string | null): void {
    if (!(content instanceof Y.ContentType) || content.type.constructor !== Y.Map) throw new Bad("a cell is a map")
    if (id === null || !/^[a-zA-Z0-9_-]{1,64}$/.test(id)) throw new Bad("the id of a cell has 1 to 64 letters, digits, - and _")
    if (cellsOf(this.#doc).has(id) || this.#newCells.has(id)) throw new Bad(`there is a cell ${id} already`)
    this.#newCells.add(id)
    this.touched.add(id)
  }

  #checkMember({ content }: Y.Item, cell: string, key: string | null): void {
    if (key === null || SERVERS_KEYS.test(key)) throw new Bad("what a cell shows is written by the server alone")
    if (PARTS.has(key)) {
      const isPart = content instanceof Y.ContentType && content.type.constructor === (key === "source" ? Y.Text : Y.Map)
      const map = cellsOf(this.#doc).get(cell)
      if (!isPart || (map instanceof Y.Map && map.has(key)) || this.#born.has(`${cell} ${key}`)) throw new Bad(`the ${key} of a cell is made once`)
      this.#born.add(`${cell} ${key}`)
      return
    }
    if (content instanceof Y.ContentDeleted) return
    const values = valuesOf(content)
    if (!values.every((value) => isMember(key, value))) throw new Bad(`this cannot be the ${key.slice(0, 40)} of a cell`)
    if (!isRecord(key)) return
    for (const { runs } of values as unknown as Move[]) this.#runs += runs.length
    if (this.#runs > MOST_RUNS_AT_ONCE) throw new Bad("it moves more pieces of text than are moved at once")
    if (!key.startsWith("again")) this.moves.push(...(values as unknown as Move[]))
  }

  #checkDeletion(client: number, clock: number, len: number): void {
    if (!(clock >= 0 && len > 0 && len < 2 ** 31)) throw new Bad("it takes away what was never there")
    const state = Y.getState(this.#doc.store, client)
    const written = this.#structs.get(client)?.at(-1)
    const end = Math.max(state, written ? written.id.clock + written.length : 0)
    if (clock + len > end) throw new Bad("it takes away what is not here")
    const stored = (this.#doc.store.clients.get(client) ?? []) as readonly Struct[]
    for (const list of [stored, this.#structs.get(client) ?? []])
      for (let i = indexIn(list, clock); i < list.length && (list[i] as Struct).id.clock < clock + len; i++) this.#checkTaken(list[i] as Struct)
  }

  #checkTaken(struct: Struct): void {
    if (!(struct instanceof Y.Item) || struct.deleted || struct.content instanceof Y.ContentDeleted) return
    const { spot, key } = this.#place(struct)
    const isFixed = spot.in === "cells" || spot.in === "meta" || (spot.in === "cell" && key !== null && (PARTS.has(key) || SERVERS_KEYS.test(key)))
    if (isFixed) throw new Bad("it takes away what only the server takes away")
    this.#touch(spot)
  }

  #touch(spot: Spot): void {
    if ("cell" in spot) this.touched.add(spot.cell)
    if (spot.in !== "source") this.#isOnlyText = false
  }

  /** Where the item stands: told by itself, or by the one it stands next to. */
  #place(item: Y.Item): Placed {
    const passed: Y.Item[] = []
    let at = item
    let found = this.#placed.get(at)
    while (!found) {
      passed.push(at)
      if (at.parent !== null) {
        found = { spot: this.#spot(at.parent), key: at.parentSub }
        break
      }
      const beside = at.origin ?? at.rightOrigin
      // Each one is passed once: whoever comes around again stands nowhere.
      if (!beside || passed.length > 200_000) throw new Bad("it stands nowhere")
      at = this.#item(beside)
      if (passed.length > 1000 && passed.includes(at)) throw new Bad("it stands nowhere")
      found = this.#placed.get(at)
    }
    for (const each of passed) this.#placed.set(each, found)
    return found
  }

  #item({ client, clock }: Y.ID): Y.Item {
    const known = clock < Y.getState(this.#doc.store, client)
    const list = known ? ((this.#doc.store.clients.get(client) ?? []) as readonly Struct[]) : (this.#structs.get(client) ?? [])
    const found = list[indexIn(list, clock)]
    if (!(found instanceof Y.Item) || found.id.clock > clock) throw new Bad("what it builds on is not here")
    return found
  }

  /** Decoded items name their parent by a root's name or by the id of the item that holds it; those in the document have it at hand. */
  #spot(parent: unknown, depth = 0): Spot {
    if (depth > 4) throw new Bad("it stands nowhere")
    if (parent === cellsOf(this.#doc) || parent === "cells") return { in: "cells" }
    if (parent === metaOf(this.#doc) || parent === "meta") return { in: "meta" }
    const holder = parent instanceof Y.AbstractType ? parent._item : isId(parent) ? this.#item(parent) : null
    if (!holder || !(holder.content instanceof Y.ContentType)) throw new Bad("it stands nowhere")
    const key = holder.parentSub
    const around = holder.parent === null ? this.#place(holder).spot : this.#spot(holder.parent, depth + 1)
    if (around.in === "cells" && key !== null) return { in: "cell", cell: key }
    if (around.in === "cell" && key === "source") return { in: "source", cell: around.cell }
    if (around.in === "cell" && key === "metadata") return { in: "cell metadata", cell: around.cell }
    if (around.in === "meta" && key === "metadata") return { in: "notebook metadata" }
    throw new Bad("it stands nowhere")
  }
}

function isId(value: unknown): value is Y.ID {
  return typeof value === "object" && value !== null && "client" in value && "clock" in value
}

/** Of the first struct that reaches beyond the clock. */
function indexIn(structs: readonly Struct[], clock: number): number {
  let [low, high] = [0, structs.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const { id, length } = structs[middle] as Struct
    if (id.clock + length <= clock) low = middle + 1
    else high = middle
  }
  return low
}

function checkText({ content }: Y.Item, key: string | null): void {
  if (key !== null || !(content instanceof Y.ContentString || content instanceof Y.ContentDeleted)) throw new Bad("a source holds nothing but text")
}

const LONGEST_KEY = 256

function checkMetadata({ content }: Y.Item, key: string | null): void {
  if (key === null || key.length > LONGEST_KEY) throw new Bad("a key of metadata has at most 256 characters")
  if (!(content instanceof Y.ContentDeleted)) valuesOf(content)
}

/** The values that a map's item holds, if they are JSON: several where one writer set a key again and again, of which the last counts. */
function valuesOf(content: unknown): readonly Json[] {
  if (content instanceof Y.ContentBinary) {
    const value = fromShared(content.content)
    if (value !== null) return [value]
  }
  if (content instanceof Y.ContentAny && content.arr.every((held) => held !== undefined && isPlain(held))) return content.arr as Json[]
  throw new Bad("it holds what is no JSON")
}

function isPlain(value: unknown): boolean {
  if (value === null || typeof value === "string" || typeof value === "boolean") return true
  if (typeof value === "number") return Number.isFinite(value)
  if (Array.isArray(value)) return value.every(isPlain)
  // A key `__proto__` has become the object's prototype when it was decoded.
  if (typeof value !== "object" || Object.getPrototypeOf(value) !== Object.prototype) return false
  return Object.values(value).every(isPlain)
}

function isMember(key: string, value: Json): boolean {
  if (key === "type") return value === "code" || value === "markdown" || value === "raw"
  if (key === "order") return isOrder(value)
  if (key === "life") return typeof value === "string" && LIVES.includes(value)
  if (key === "attachments") return isObject(value)
  return isRecord(key) && isMove(value)
}

function isRecord(key: string): boolean {
  return key === "cut" || /^(cut|into|again)\/[0-9a-z-]{1,40}$/.test(key)
}

/** A text of 200 KB that many people have typed has hundreds. */
const MOST_RUNS = 20_000
/** Of all records of an update: 10,000 cells that were typed in are merged with far fewer. */
const MOST_RUNS_AT_ONCE = 200_000
/** Each is looked at. */
const MOST_MOVED = 2_000_000

function isMove(value: Json): boolean {
  if (!isObject(value)) return false
  const { from, to, runs, image, skip } = value
  const isNumbers = (list: Json | undefined, length: number) =>
    Array.isArray(list) && list.length === length && list.every((n) => Number.isSafeInteger(n) && n >= 0)
  return (
    typeof from === "string" &&
    typeof to === "string" &&
    Array.isArray(runs) &&
    runs.length <= MOST_RUNS &&
    runs.every((run) => isNumbers(run, 4)) &&
    (runs as number[][]).reduce((sum, run) => sum + (run[2] ?? 0), 0) <= MOST_MOVED &&
    isApart(runs as [number, number, number, number][]) &&
    isNumbers(image, 3) &&
    Number.isSafeInteger(skip)
  )
}

/** No character is moved twice by one record. */
function isApart(runs: readonly (readonly [client: number, clock: number, length: number, isVisible: number])[]): boolean {
  const sorted = runs.toSorted((a, b) => a[0] - b[0] || a[1] - b[1])
  return sorted.every(([client, clock], i) => {
    const before = sorted[i - 1]
    return before === undefined || before[0] !== client || before[1] + before[2] <= clock
  })
}
