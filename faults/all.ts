/** Every case. */
import { BLOBS } from "./cases/blobs.ts"
import { CLOCK } from "./cases/clock.ts"
import { CRASHES } from "./cases/crashes.ts"
import { DISK } from "./cases/disk.ts"
import { ENDINGS } from "./cases/endings.ts"
import { KILLS, LEASE } from "./cases/kills.ts"
import { MANY } from "./cases/many.ts"
import { OUTPUT } from "./cases/output.ts"
import { STOP } from "./cases/stop.ts"
import type { Case } from "./trial.ts"

export const ALL: readonly Case[] = [...KILLS, ...CRASHES, ...ENDINGS, ...LEASE, ...MANY, ...BLOBS, ...DISK, ...OUTPUT, ...STOP, ...CLOCK]
