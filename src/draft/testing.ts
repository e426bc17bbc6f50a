/** People who edit one draft at once over lines that are slow, break, and deliver twice; all in one thread, by chance that can be repeated. */
import * as Y from "yjs"
import {
  bringBackCells,
  checkUpdate,
  type Draft,
  deleteCells,
  fillDraft,
  insertCell,
  mergeCells,
  moveCells,
  openDraft,
  setType,
  settler,
  splitCell,
  undoOf,
} from "#draft/index.ts"
import { cellsOf, sourceOf } from "#draft/schema.ts"
import { notebookOf } from "#notebook/testing.ts"

export type Chance = (below: number) => number

/** Mulberry32: the same numbers for the same seed. */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

type Person = {
  readonly doc: Y.Doc
  readonly draft: Draft
  readonly undo: Y.UndoManager
  readonly toServer: Uint8Array[]
  readonly fromServer: Uint8Array[]
  isOnline: boolean
}

const REMOTE = "remote"

/** Every character that is typed is one of its own, so that it can be told what became of it. */
const FIRST = 0xe000

export type Fates = {
  /** Nobody has taken it away: it has to be there once. */
  readonly typed: ReadonlySet<string>
  /** Somebody did, or undid it: it is there once or not at all. */
  readonly taken: ReadonlySet<string>
}

export type History = {
  readonly steps: readonly string[]
  readonly docs: readonly Y.Doc[]
  readonly fates: Fates
  /** Updates that the server did not take. */
  readonly refused: readonly string[]
}

export type Playing = { readonly seed: number; readonly people: number; readonly steps: number; readonly withUndo: boolean }

export function play({ seed, people: count, steps, withUndo }: Playing): History {
  const chance = chanceOf(seed)
  const world = new World(chance, count)
  for (let step = 0; step < steps; step++) {
    const person = world.people[chance(count)] as Person
    const kind = chance(100)
    if (kind < 55) world.edit(person, withUndo)
    else if (kind < 90) world.deliver(person)
    else if (kind < 95) world.leave(person)
    else world.comeBack(person)
  }
  world.end()
  return { steps: world.log, docs: [world.server, ...world.people.map(({ doc }) => doc)], fates: world, refused: world.refused }
}

class World implements Fates {
  readonly server = new Y.Doc()
  readonly people: Person[]
  readonly typed = new Set<string>()
  readonly taken = new Set<string>()
  readonly log: string[] = []
  readonly refused: string[] = []
  readonly #chance: Chance
  readonly #settle: ReturnType<typeof settler>
  #sender: Person | undefined
  #next = FIRST

  constructor(chance: Chance, count: number) {
    this.#chance = chance
    this.server.clientID = 1
    const sources = Array.from({ length: 3 }, () => this.#newText(3))
    fillDraft(this.server, notebookOf(...sources), 1)
    this.#settle = settler(this.server)
    this.people = Array.from({ length: count }, (_, i) => this.#join(100 + i))
    this.server.on("update", (update: Uint8Array) => {
      for (const person of this.people) if (person !== this.#sender && person.isOnline) person.fromServer.push(update)
    })
  }

  #join(client: number): Person {
    const doc = new Y.Doc()
    doc.clientID = client
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(this.server), REMOTE)
    const person: Person = { doc, draft: openDraft(doc), undo: undoOf(doc), toServer: [], fromServer: [], isOnline: true }
    doc.on("update", (update: Uint8Array, origin: unknown) => {
      if (origin !== REMOTE && person.isOnline) person.toServer.push(update)
    })
    return person
  }

  #newText(length: number): string {
    const text = Array.from({ length }, () => String.fromCharCode(this.#next++)).join("")
    for (const character of text) this.typed.add(character)
    return text
  }

  edit(person: Person, withUndo: boolean): void {
    const { doc, draft, undo } = person
    const cells = draft.cells()
    const cell = cells[this.#chance(Math.max(1, cells.length))]
    const who = doc.clientID
    undo.stopCapturing()
    const kind = this.#chance(withUndo ? 100 : 85)
    if (!cell || kind < 10) {
      const at = this.#chance(cells.length + 1)
      const source = this.#newText(this.#chance(4))
      const id = insertCell(doc, { at, type: "code", source })
      typedBy(undo.undoStack, source)
      this.log.push(`${who} inserts ${id} with ${shown(source)}`)
    } else if (kind < 45) {
      const at = this.#chance(cell.text.length + 1)
      const text = this.#newText(1 + this.#chance(3))
      doc.transact(() => cell.source.insert(at, text), "stet:person")
      typedBy(undo.undoStack, text)
      this.log.push(`${who} types ${shown(text)} at ${at} of ${cell.id}`)
    } else if (kind < 50) this.#takeText(doc, cell)
    else if (kind < 64) {
      const at = [this.#chance(cell.text.length + 1), ...(this.#chance(4) === 0 ? [this.#chance(cell.text.length + 1)] : [])]
      this.log.push(`${who} splits ${cell.id} at ${at}: ${splitCell(doc, cell.id, at)}`)
    } else if (kind < 72) {
      const i = cells.indexOf(cell)
      const ids = cells.slice(i, i + 2 + this.#chance(2)).map(({ id }) => id)
      this.log.push(`${who} merges ${ids}`)
      mergeCells(doc, ids)
    } else if (kind < 78) {
      this.log.push(`${who} moves ${cell.id}`)
      moveCells(doc, [cell.id], { at: this.#chance(cells.length) })
    } else if (kind < 80) {
      this.log.push(`${who} retypes ${cell.id}`)
      setType(doc, [cell.id], this.#chance(2) === 0 ? "markdown" : "code")
    } else if (kind < 82) {
      const at = this.#chance(cells.length)
      deleteCells(doc, [cell.id])
      undo.stopCapturing()
      this.log.push(`${who} cuts ${cell.id} and pastes it at ${at}: ${bringBackCells(doc, [{ id: cell.id, source: cell.text }], { at })}`)
    } else if (kind < 85) {
      for (const character of cell.text) this.#take(character)
      this.log.push(`${who} deletes ${cell.id}`)
      deleteCells(doc, [cell.id])
    } else this.#undo(person, kind < 95)
  }

  #take(character: string): void {
    if (character.charCodeAt(0) < FIRST) return
    this.typed.delete(character)
    this.taken.add(character)
  }

  #takeText(doc: Y.Doc, { id, source, text }: { readonly id: string; readonly source: Y.Text; readonly text: string }): void {
    if (text.length === 0) return
    const at = this.#chance(text.length)
    const length = 1 + this.#chance(Math.min(2, text.length - at))
    for (const character of text.slice(at, at + length)) this.#take(character)
    this.log.push(`${doc.clientID} deletes ${shown(text.slice(at, at + length))} in ${id}`)
    doc.transact(() => source.delete(at, length), "stet:person")
  }

  /** The undo of typing takes away what was typed; every other undo and redo takes away nothing. */
  #undo({ doc, undo }: Person, isBack: boolean): void {
    const step = isBack ? undo.undo() : undo.redo()
    if (step) {
      const typed = String(step.meta.get(TYPED) ?? "")
      for (const character of typed) this.#take(character)
      typedBy(isBack ? undo.redoStack : undo.undoStack, typed)
    }
    this.log.push(`${doc.clientID} ${isBack ? "undoes" : "redoes"}`)
  }

  /** Some of what is on the way arrives. */
  deliver(person: Person): void {
    if (!person.isOnline) return
    for (let n = this.#chance(4); n > 0 && person.toServer.length > 0; n--) this.#toServer(person, person.toServer.shift() as Uint8Array)
    for (let n = this.#chance(6); n > 0 && person.fromServer.length > 0; n--)
      Y.applyUpdate(person.doc, person.fromServer.shift() as Uint8Array, REMOTE)
  }

  #toServer(person: Person, update: Uint8Array): void {
    const checked = checkUpdate(this.server, update, { mayWriteAs: (client) => client === person.doc.clientID, mostCells: 1000 })
    if (!checked.ok) {
      this.refused.push(`${person.doc.clientID}: ${checked.refusal.message}`)
      return
    }
    this.#settle(checked.value, () => {
      this.#sender = person
      Y.applyUpdate(this.server, update)
      this.#sender = undefined
    })
    // Now and then a line delivers twice.
    if (this.#chance(20) === 0) this.#toServer(person, update)
  }

  /** What is on the way is lost; it is edited on. */
  leave(person: Person): void {
    this.log.push(`${person.doc.clientID} is cut off`)
    person.isOnline = false
    person.toServer.length = 0
    person.fromServer.length = 0
  }

  comeBack(person: Person): void {
    if (person.isOnline) return
    this.log.push(`${person.doc.clientID} comes back`)
    person.isOnline = true
    const lacking = Y.encodeStateAsUpdate(person.doc, Y.encodeStateVector(this.server))
    Y.applyUpdate(person.doc, Y.encodeStateAsUpdate(this.server, Y.encodeStateVector(person.doc)), REMOTE)
    this.#toServer(person, lacking)
  }

  end(): void {
    for (const person of this.people) this.comeBack(person)
    for (let left = 1; left > 0; ) {
      for (const person of this.people) this.deliver(person)
      left = this.people.reduce((sum, { toServer, fromServer }) => sum + toServer.length + fromServer.length, 0)
    }
  }
}

const TYPED = "typed"

/** The step that was just made typed this. */
function typedBy(steps: Y.UndoManager["undoStack"], text: string): void {
  steps.at(-1)?.meta.set(TYPED, text)
}

export function shown(text: string): string {
  return [...text]
    .map((character) => (character.charCodeAt(0) >= FIRST ? `<${character.charCodeAt(0) - FIRST}>` : JSON.stringify(character)))
    .join("")
}

/** How often each is there, in cells with one of these lives. */
export function charactersIn(doc: Y.Doc, lives: readonly string[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  for (const [, cell] of cellsOf(doc)) {
    if (!lives.includes(String(cell.get("life")))) continue
    for (const character of sourceOf(cell).toString()) if (character.charCodeAt(0) >= FIRST) found.set(character, (found.get(character) ?? 0) + 1)
  }
  return found
}

/** What is wrong with a history, in words. */
export function complaintsAbout({ docs, fates, refused }: History): string[] {
  const [server] = docs as readonly [Y.Doc]
  const said = (doc: Y.Doc) =>
    JSON.stringify(
      openDraft(doc)
        .cells()
        .map(({ id, type, text }) => [id, type, shown(text)]),
    )
  const complaints = refused.map((each) => `refused: ${each}`)
  for (const doc of docs) if (said(doc) !== said(server)) complaints.push(`${doc.clientID} has ${said(doc)} and the server ${said(server)}`)
  // Text in a cell that somebody deleted while another typed in it is where it was, and comes back with the cell.
  const living = charactersIn(server, ["alive"])
  const kept = charactersIn(server, ["alive", "deleted"])
  for (const character of fates.typed)
    if (kept.get(character) !== 1) complaints.push(`${shown(character)} is there ${kept.get(character) ?? 0} times`)
  for (const character of fates.taken)
    if ((living.get(character) ?? 0) > 1) complaints.push(`${shown(character)}, which was taken away, is there ${living.get(character)} times`)
  return complaints
}
