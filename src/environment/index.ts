export { canonical, type DescribedKernel, type Description, type Package } from "#environment/description.ts"
export type { Attention, Cancellation, InstalledKernel, Interpreter, Label, Machine, Manifest, Place } from "#environment/ports.ts"
export type { EnvironmentRefusal } from "#environment/refusal.ts"
export type { EnvironmentWorld, Resolve, Resolved, Resolving } from "#environment/world.ts"
