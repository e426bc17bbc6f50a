/**
 * Which of the queued runs are claimed next. Priority first; among equals whoever has the fewest runs under way, so that a
 * thousand of one person's do not keep another one's single run waiting; then the one that was there first.
 */
export type Candidate = {
  readonly id: string
  readonly lane: string
  readonly space: string
  readonly notebook: string
  /** By whose name it was ordered. */
  readonly template: string | null
  readonly priority: number
}

/** How many run now, by id, and how many may. A space, notebook or template without a limit is in none of the three `most`. */
export type Room = {
  readonly runningInLane: ReadonlyMap<string, number>
  readonly runningInSpace: ReadonlyMap<string, number>
  readonly runningOfNotebook: ReadonlyMap<string, number>
  readonly runningOfTemplate: ReadonlyMap<string, number>
  readonly mostInSpace: ReadonlyMap<string, number>
  readonly mostOfNotebook: ReadonlyMap<string, number>
  readonly mostOfTemplate: ReadonlyMap<string, number>
}

export function choose(candidates: readonly Candidate[], room: Room, slots: number): Candidate[] {
  const lanes = new Map(room.runningInLane)
  const spaces = new Map(room.runningInSpace)
  const notebooks = new Map(room.runningOfNotebook)
  const templates = new Map(room.runningOfTemplate)
  const left = [...candidates]
  const chosen: Candidate[] = []
  while (chosen.length < slots) {
    const fits = left.filter(
      (one) =>
        hasRoom(spaces, room.mostInSpace, one.space) &&
        hasRoom(notebooks, room.mostOfNotebook, one.notebook) &&
        hasRoom(templates, room.mostOfTemplate, one.template),
    )
    const best = fits.reduce<Candidate | undefined>((first, one) => (first && !goesBefore(one, first, lanes) ? first : one), undefined)
    if (!best) return chosen
    chosen.push(best)
    left.splice(left.indexOf(best), 1)
    count(lanes, best.lane)
    count(spaces, best.space)
    count(notebooks, best.notebook)
    if (best.template !== null) count(templates, best.template)
  }
  return chosen
}

function goesBefore(a: Candidate, b: Candidate, lanes: ReadonlyMap<string, number>): boolean {
  if (a.priority !== b.priority) return a.priority > b.priority
  const [ofA, ofB] = [lanes.get(a.lane) ?? 0, lanes.get(b.lane) ?? 0]
  if (ofA !== ofB) return ofA < ofB
  return a.id < b.id
}

function hasRoom(running: ReadonlyMap<string, number>, most: ReadonlyMap<string, number>, id: string | null): boolean {
  if (id === null) return true
  const limit = most.get(id)
  return limit === undefined || (running.get(id) ?? 0) < limit
}

function count(counts: Map<string, number>, id: string): void {
  counts.set(id, (counts.get(id) ?? 0) + 1)
}
