import { shortTier } from "../tier.testing.ts"
import { BLOBS } from "./blobs.ts"

shortTier(BLOBS)
