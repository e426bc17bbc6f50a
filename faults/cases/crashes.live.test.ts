import { shortTier } from "../tier.testing.ts"
import { CRASHES } from "./crashes.ts"

shortTier(CRASHES)
