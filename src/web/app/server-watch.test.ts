import { expect, test } from "vitest"
import { watchServer } from "#web/app/server-watch.ts"

/** A server that answers or does not, and a clock that is moved by hand. */
function scene() {
  let now = 0
  let timers: { readonly at: number; readonly act: () => void }[] = []
  const state = { isUp: true, isHidden: false, asked: 0 }
  const watch = watchServer({
    ask: async () => {
      state.asked++
      if (!state.isUp) throw new Error("nobody there")
    },
    after: (ms, act) => {
      const timer = { at: now + ms, act }
      timers.push(timer)
      return () => {
        timers = timers.filter((one) => one !== timer)
      }
    },
    isHidden: () => state.isHidden,
  })
  const pass = async (ms: number) => {
    const until = now + ms
    for (;;) {
      // What was asked is answered before the clock goes on.
      for (let turn = 0; turn < 10; turn++) await Promise.resolve()
      const due = timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0]
      if (!due) break
      timers = timers.filter((one) => one !== due)
      now = due.at
      due.act()
    }
    now = until
  }
  return { state, watch, pass }
}

test("a server that goes is told of within ten seconds, and so is that it is back", async () => {
  const { state, watch, pass } = scene()
  watch.begin()
  await pass(20_000)
  expect(watch.isAway.get()).toBe(false)
  state.isUp = false
  await pass(6_000)
  expect(watch.isAway.get()).toBe(true)
  state.isUp = true
  await pass(2_000)
  expect(watch.isAway.get()).toBe(false)
})

test("one lost answer is no server lost", async () => {
  const { state, watch, pass } = scene()
  watch.begin()
  state.isUp = false
  watch.missed()
  await pass(100)
  state.isUp = true
  await pass(5_000)
  expect(watch.isAway.get()).toBe(false)
})

test("what the app asks anyway finds it out sooner than the next look, and finds it back", async () => {
  const { state, watch, pass } = scene()
  watch.begin()
  await pass(100)
  state.isUp = false
  watch.missed()
  await pass(800)
  expect(watch.isAway.get()).toBe(true)
  watch.heard()
  expect(watch.isAway.get()).toBe(false)
})

test("a page that nobody looks at asks nothing", async () => {
  const { state, watch, pass } = scene()
  state.isHidden = true
  const end = watch.begin()
  await pass(60_000)
  expect(state.asked).toBe(0)
  state.isHidden = false
  await pass(4_000)
  expect(state.asked).toBe(1)
  end()
  await pass(60_000)
  expect(state.asked).toBe(1)
})
