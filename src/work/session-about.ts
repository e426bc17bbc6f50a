/** What makes the notice that a cell asks for input one thing: see people's notices, which find the cell by it. */
export function waitingFor(execution: string): string {
  return `input/${execution}`
}
