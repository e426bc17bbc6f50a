/** Where characters of one cell have gone: the records of splits, merges and of what was carried over, and what they say of one character. */

import type * as Y from "yjs"
import { type Id, isGone, type Looked } from "#draft/characters.ts"
import { type Sameness, sameness } from "#draft/same.ts"
import { type CellMap, cellMap, cellsOf, type Life, type Move } from "#draft/schema.ts"

/** Whom to believe first comes first. What was said `once` and taken back moves nothing: it tells which characters are the same. */
const KINDS = ["cut", "into", "carried", "again", "once"] as const

export type Recorded = Move & {
  readonly kind: (typeof KINDS)[number]
  readonly key: string
  /** How many of its characters could be seen. */
  readonly seen: number
}

/** A character: its cell, and its writer's number and its own. */
export type Character = { readonly cell: string; readonly client: number; readonly clock: number }

export type Moves = {
  /** Reads the records of these cells again. */
  read(cells: Iterable<string>): void
  readonly all: () => Iterable<Recorded>
  /** Those that the cell itself keeps, whether they hold or not. */
  in(cell: string): readonly Recorded[]
  /** Those that hold, of text that stood in the cell; whom to believe first comes first. */
  from(cell: string): readonly Recorded[]
  readonly same: () => Sameness
  readonly looked: Looked
}

type LifeIn = (cell: string) => Life | undefined

type Reading = {
  /** Of a cell; as it is now unless told otherwise. */
  readonly lifeIn?: LifeIn
  /** Called for each record that is found not to be there any more. */
  readonly taken?: (record: Recorded) => void
  readonly looked?: Looked
}

export function movesOf(doc: Y.Doc, { lifeIn = (cell) => lifeOf(doc, cell), taken, looked = () => undefined }: Reading = {}): Moves {
  const byCell = new Map<string, readonly Recorded[]>()
  let byOrigin: ReadonlyMap<string, readonly Recorded[]> | undefined
  let same: Sameness | undefined
  const read = (cells: Iterable<string>) => {
    for (const id of cells) {
      const found = recordsIn(id, cellMap(doc, id), byCell.get(id))
      if (found.length === 0 && !byCell.has(id)) continue
      byOrigin = same = undefined
      const left = new Set(found)
      for (const record of byCell.get(id) ?? []) if (!left.has(record)) taken?.(record)
      if (found.length > 0) byCell.set(id, found)
      else byCell.delete(id)
    }
  }
  read(cellsOf(doc).keys())
  const all = function* () {
    for (const records of byCell.values()) yield* records
  }
  return {
    read,
    all,
    looked,
    in: (cell) => byCell.get(cell) ?? [],
    from(cell) {
      if (!byOrigin) {
        const known = [...all()].sort(byBelief)
        looked(known.length)
        byOrigin = Map.groupBy(known, (move) => move.from)
      }
      const records = byOrigin.get(cell) ?? []
      looked(1 + records.length)
      return records.filter((move) => holds(move, lifeIn))
    },
    same() {
      same ??= sameness(doc, all(), looked)
      return same
    },
  }
}

/** What was read before is the same object. */
function recordsIn(id: string, cell: CellMap | undefined, before: readonly Recorded[] = []): Recorded[] {
  const known = new Map(before.map((record) => [record.runs, record]))
  const found: Recorded[] = []
  for (const [key, value] of cell ?? []) {
    const kind = KINDS.find((each) => key === each || key.startsWith(`${each}/`))
    const move = value as Move
    // Whoever writes a record that is not about its own cell is not believed.
    if (kind && (kind === "cut" ? move.to : move.from) === id && (kind === "once" || (move.from === move.to) === (kind === "again")))
      found.push(sameAs(known.get(move.runs), key) ?? { ...move, kind, key, seen: seenIn(move) })
  }
  return found
}

function sameAs(known: Recorded | undefined, key: string): Recorded | undefined {
  return known?.key === key ? known : undefined
}

function holds({ kind, from, to }: Recorded, lifeIn: LifeIn): boolean {
  const [origin, target] = [lifeIn(from), lifeIn(to)]
  if (kind === "once") return false
  if (kind === "again") return true
  if (origin === undefined || target === undefined) return false
  return kind === "into" ? origin === "merged" : target !== "unborn"
}

export function lifeOf(doc: Y.Doc, cell: string): Life | undefined {
  return cellMap(doc, cell)?.get("life") as Life | undefined
}

/** Of two cuts the later in the text, whose piece is smaller. */
function byBelief(a: Recorded, b: Recorded): number {
  return KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || a.seen - b.seen || (a.to < b.to ? -1 : a.to > b.to ? 1 : a.key < b.key ? -1 : 1)
}

function seenIn({ runs }: Move): number {
  return runs.reduce((sum, [, , length, isVisible]) => sum + length * isVisible, 0)
}

type Told = { readonly start: number; readonly end: number; readonly before: number; readonly isVisible: boolean }

const toldByRuns = new WeakMap<Move["runs"], ReadonlyMap<number, readonly Told[]>>()

/** What the record says of the character. Rows do not overlap, unless somebody made them up: then the first counts. */
function toldOf({ runs }: Move, { client, clock }: Id): Told | undefined {
  const known = toldByRuns.get(runs) ?? toldIn(runs)
  toldByRuns.set(runs, known)
  const rows = known.get(client) ?? []
  let [low, high] = [0, rows.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((rows[middle] as Told).end <= clock) low = middle + 1
    else high = middle
  }
  const found = rows[low]
  return found && found.start <= clock ? found : undefined
}

function toldIn(runs: Move["runs"]): ReadonlyMap<number, readonly Told[]> {
  const byClient = new Map<number, Told[]>()
  let before = 0
  for (const [client, start, length, isVisible] of runs) {
    const rows = byClient.get(client) ?? []
    if (rows.length === 0) byClient.set(client, rows)
    rows.push({ start, end: start + length, before, isVisible: isVisible === 1 })
    before += length * isVisible
  }
  for (const [client, rows] of byClient) {
    let end = 0
    byClient.set(
      client,
      rows
        .sort((a, b) => a.start - b.start)
        .filter((row) => {
          const isFree = row.start >= end
          if (isFree) end = row.end
          return isFree
        }),
    )
  }
  return byClient
}

/** Which character of its new cell it is, or beside which it would stand; undefined when the record says nothing of it. */
function imageOf(move: Move, id: Id): Character | undefined {
  const told = toldOf(move, id)
  if (!told) return undefined
  const place = told.before + (told.isVisible ? id.clock - told.start : -1) - move.skip
  return character(move, Math.max(0, Math.min(place, move.image[2] - 1)))
}

function character({ to, image }: Move, place: number): Character {
  return { cell: to, client: image[0], clock: image[1] + place }
}

/** Whether the record tells where the character went, whether it could be seen or not. */
export function tellsOf(move: Move, id: Id): boolean {
  return toldOf(move, id) !== undefined
}

function isMoved(move: Move, id: Id): boolean {
  return toldOf(move, id)?.isVisible === true
}

/** What says of a character that could be seen where it went is believed before what only says beside which it would stand. */
export function imageBy(records: readonly Recorded[], id: Id): Character | undefined {
  return leading(records, id)?.to
}

type Leading = { readonly to: Character; readonly by: Recorded }

function leading(records: readonly Recorded[], id: Id): Leading | undefined {
  const told = records.filter((move) => tellsOf(move, id))
  const by = told.find((move) => isMoved(move, id)) ?? told[0]
  const to = by && imageOf(by, id)
  return by && to && { by, to }
}

/** The beginning of where all of it went. */
export function mergedInto(records: readonly Recorded[]): Character | undefined {
  const into = records.find(({ kind }) => kind === "into")
  return into && { cell: into.to, client: into.image[0], clock: into.image[1] }
}

export type RecordsOf = (cell: string) => readonly Recorded[]

/** Of each cell once, as long as no life and no record changes. */
export function remembered(moves: Moves): RecordsOf {
  const known = new Map<string, readonly Recorded[]>()
  return (cell) => {
    const records = known.get(cell) ?? moves.from(cell)
    moves.looked(1 + records.length)
    known.set(cell, records)
    return records
  }
}

/**
 * As far as the character has gone, or what would stand beside it. A cut and the merge that took it back lead round in a circle: it is left
 * where another record leads out of it. Of what comes around without end always the same one; none in a cell that was merged away, as
 * long as there is another.
 */
export function resolved(from: Character, records: RecordsOf): Character {
  const closed = new Set<Recorded>()
  const path = new Map<string, Passed>()
  let standing = from
  for (let at = from; ; ) {
    const key = nameOf(at)
    if (!mergedInto(records(at.cell))) standing = at
    if (path.has(key)) {
      const circle = [...path.values()].slice([...path.keys()].indexOf(key))
      for (const { by } of circle) closed.add(by)
      const left = leastOf(circle.map((each) => each.at).filter((each) => leadsOn(each, records, closed)))
      if (!left) return leastOf(circle.map((each) => each.at).filter(({ cell }) => !mergedInto(records(cell)))) ?? standing
      at = left
      path.clear()
      continue
    }
    const next = leadsOn(at, records, closed)
    if (!next) return standing
    path.set(key, { at, by: next.by })
    at = next.to
  }
}

type Passed = { readonly at: Character; readonly by: Recorded }

/** The most believed record that says where it went, or where all of its cell did. */
function leadsOn(at: Character, records: RecordsOf, closed: ReadonlySet<Recorded>): Leading | undefined {
  const open = records(at.cell).filter((move) => !closed.has(move))
  const by = open.find(({ kind }) => kind === "into")
  return leading(open, at) ?? (by && { by, to: character(by, 0) })
}

function leastOf(characters: readonly Character[]): Character | undefined {
  return characters.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))[0]
}

function nameOf({ cell, client, clock }: Character): string {
  return `${cell} ${client} ${clock}`
}

/** Where a character stands at last, following every record that moves it: in more than one place where several have moved it. */
export function* endsOf(from: Character, records: RecordsOf): Generator<Character> {
  const passed = new Set<string>()
  for (const waiting = [from]; waiting.length > 0; ) {
    const at = waiting.pop() as Character
    const told = records(at.cell).filter((move) => isMoved(move, at))
    if (told.length === 0 || passed.size === passed.add(nameOf(at)).size) yield at
    else
      for (const move of told.toReversed()) {
        const image = exactImageOf(move, at)
        if (image) waiting.push(image)
      }
  }
}

/** None where it was left out on the way, as a line break at a cut is. */
export function exactImageOf(move: Move, id: Id): Character | undefined {
  const told = toldOf(move, id)
  const place = told?.isVisible ? told.before + id.clock - told.start - move.skip : -1
  return place >= 0 && place < move.image[2] ? character(move, place) : undefined
}

/** Whether a character stands where the record says that it was moved, or wherever it was moved from there. */
export function isThere(doc: Y.Doc, records: RecordsOf, move: Move, id: Id): boolean {
  if (!isMoved(move, id)) return false
  const image = exactImageOf(move, id)
  // What was left out at a cut is where it should be.
  return image === undefined || [...endsOf(image, records)].some((at) => !isGone(doc, at.client, at.clock))
}
