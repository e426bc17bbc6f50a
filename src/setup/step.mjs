/** @typedef {<T>(what: string, work: () => Promise<T>) => Promise<T>} Step one thing that set-up does, told in one line with how long it took */

/**
 * Tells steps on a stream: the line begins before the work, so that a person knows what takes so long, and ends after it.
 *
 * @param {{ write(text: string): unknown }} stream
 * @returns {Step}
 */
export function stepsOn(stream) {
  return async (what, work) => {
    const began = performance.now()
    stream.write(`${what} … `)
    try {
      const value = await work()
      stream.write(`${seconds(performance.now() - began)}\n`)
      return value
    } catch (error) {
      stream.write(`failed after ${seconds(performance.now() - began)}\n`)
      throw error
    }
  }
}

/** @param {number} ms */
export function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`
}
