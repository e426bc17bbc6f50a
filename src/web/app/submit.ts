/** What every form does with its verb: once at a time, with what it threw shown, and what was read before forgotten. */
import { type FormEvent, useState } from "react"
import { useForget } from "#web/app/api.ts"

/** `act` may answer `false`: nothing was done, and a field says why. `onDone`: after all that was read before is asked for anew. */
export function useSubmit(act: () => Promise<unknown>, onDone?: () => void) {
  const forget = useForget()
  const [error, setError] = useState<unknown>()
  const [isDoing, setDoing] = useState(false)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setDoing(true)
    setError(undefined)
    try {
      if ((await act()) !== false) {
        const anew = forget()
        // A dialog that closes has nothing to wait for.
        if (onDone) onDone()
        else await anew
      }
    } catch (thrown) {
      setError(thrown)
    }
    setDoing(false)
  }
  return { submit, error, isDoing }
}
