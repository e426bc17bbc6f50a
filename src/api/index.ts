/** The door of the API for the edge; everybody else enters by contract.ts and client.ts. */
export { type Log, logTo } from "#api/log.ts"
export { buildServer } from "#api/server.ts"
export type { ApiOptions, ApiWorld, ReadyCheck } from "#api/world.ts"
