/** Token buckets: how often somebody may ask. Pure but for the map that holds them. */

/** So many at once, and so many more each second. */
export type Rate = { readonly burst: number; readonly perSecond: number }
export type Bucket = { readonly tokens: number; readonly atMs: number }

export type Taken = { readonly bucket: Bucket; readonly waitMs: number }

/** Takes `cost` tokens, or says how long until there are as many. */
export function take(bucket: Bucket | undefined, rate: Rate, { nowMs, cost }: { readonly nowMs: number; readonly cost: number }): Taken {
  const before = bucket ?? { tokens: rate.burst, atMs: nowMs }
  const grown = Math.min(rate.burst, before.tokens + (Math.max(0, nowMs - before.atMs) / 1000) * rate.perSecond)
  const tokens = grown >= cost ? grown - cost : grown
  return { bucket: { tokens, atMs: nowMs }, waitMs: grown >= cost ? 0 : Math.ceil(((Math.min(cost, rate.burst) - grown) / rate.perSecond) * 1000) }
}

export type Limiter = {
  /** 0 when it may go on, else the milliseconds to wait. */
  ask(who: string, cost?: number): number
  /** Whether it could go on, without taking anything. */
  peek(who: string): number
}

/** Remembers the `most` who asked last; who falls out begins with a full bucket, which takes as many askers as that. */
export function limiter(rate: Rate, steady: () => number, most = 20_000): Limiter {
  const buckets = new Map<string, Bucket>()
  return {
    ask(who, cost = 1) {
      const { bucket, waitMs } = take(buckets.get(who), rate, { nowMs: steady(), cost })
      buckets.delete(who)
      buckets.set(who, bucket)
      if (buckets.size > most)
        for (const oldest of buckets.keys())
          if (buckets.size > most * 0.9) buckets.delete(oldest)
          else break
      return waitMs
    },
    peek: (who) => take(buckets.get(who), rate, { nowMs: steady(), cost: 1 }).waitMs,
  }
}
