import { shortTier } from "../tier.testing.ts"
import { DISK } from "./disk.ts"

shortTier(DISK)
