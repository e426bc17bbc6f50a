import { shortTier } from "../tier.testing.ts"
import { LEASE } from "./kills.ts"

shortTier(LEASE)
