import { shortTier } from "../tier.testing.ts"
import { CLOCK } from "./clock.ts"

shortTier(CLOCK)
