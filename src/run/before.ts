/** The notebook of an order before anything ran. */
import type { Dialect } from "#run/dialect.ts"
import { Fold } from "#run/fold.ts"
import type { Order } from "#run/order.ts"
import { Projection } from "#run/project.ts"
import { chunks } from "#run/save.ts"

export function before(order: Order, dialect: Dialect, atMs: number): Iterable<Uint8Array> {
  const read = () => new Uint8Array()
  return chunks(new Projection(new Fold(order, atMs), { dialect, read, token: `stet-span-${order.id}-` }).pieces(), read)
}
