/** What the rest of Stet may use of set-up beside `usablePython`: how Pythons and package tools are found, and one at a time. */
export { reasonOf } from "./failure.mjs"
export { withLock } from "./lock.mjs"
export { fetchUv, findUv, patientPip, uvEnvironment } from "./python-build.mjs"
export { interpreters } from "./python-search.mjs"
