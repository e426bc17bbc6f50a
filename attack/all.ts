import type { Attack } from "./attack.ts"
import { ARCHIVES, JSON_BOMBS, TOO_LARGE, WIRE_BREAKS } from "./cases/bodies.ts"
import { FOREIGN, HOSTS, ORIGINS, UPGRADES, WITHOUT_RIGHT } from "./cases/doors.ts"
import { INWARD } from "./cases/inward.ts"
import { PATHS } from "./cases/paths.ts"
import { SECRETS } from "./cases/secrets.ts"
import { SLOW } from "./cases/slow.ts"

/** In this order: what leaves much behind comes last. */
export const ATTACKS: readonly Attack[] = [
  WITHOUT_RIGHT,
  FOREIGN,
  HOSTS,
  ORIGINS,
  UPGRADES,
  INWARD,
  PATHS,
  WIRE_BREAKS,
  JSON_BOMBS,
  ARCHIVES,
  TOO_LARGE,
  SLOW,
  SECRETS,
]
