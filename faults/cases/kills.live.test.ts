import { shortTier } from "../tier.testing.ts"
import { KILLS } from "./kills.ts"

shortTier(KILLS)
