import { shortTier } from "../tier.testing.ts"
import { ENDINGS } from "./endings.ts"

shortTier(ENDINGS)
