import { shortTier } from "../tier.testing.ts"
import { MANY } from "./many.ts"

shortTier(MANY)
