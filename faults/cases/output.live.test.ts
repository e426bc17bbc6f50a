import { shortTier } from "../tier.testing.ts"
import { OUTPUT } from "./output.ts"

shortTier(OUTPUT)
