import { shortTier } from "../tier.testing.ts"
import { STOP } from "./stop.ts"

shortTier(STOP)
