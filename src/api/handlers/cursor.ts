/** What is said of a cursor that the list did not give. */
import { refused } from "#base/outcome.ts"

export const badCursor = () => refused({ refused: "bad_cursor" as const, message: "This cursor is not one of this list: begin again without one." })
