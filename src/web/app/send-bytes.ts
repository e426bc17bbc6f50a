/** A file on its way to the server, with how far it is: fetch does not say how far a body has got. */
import { ApiProblem } from "#api/client.ts"
import type { Problem } from "#api/contract.ts"
import { noteSignedOut } from "#web/app/sign-in.ts"

export type Sending = { readonly method: string; readonly url: string; readonly type: string; readonly file: File }

/** `progress`: from 0 to 1. @throws ApiProblem with the server's reason; AbortError when it was called off */
export function sendBytes<Value>({ method, url, type, file }: Sending, progress: (part: number) => void, signal?: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open(method, url)
    request.responseType = "json"
    request.setRequestHeader("x-stet", "1")
    request.setRequestHeader("content-type", type)
    request.setRequestHeader("accept", "application/json")
    request.upload.onprogress = ({ loaded, total }) => progress(total === 0 ? 1 : loaded / total)
    request.onerror = () => reject(new Error("The connection broke off. Try again."))
    request.onabort = () => reject(new DOMException("It was called off.", "AbortError"))
    request.onload = () => {
      if (request.status === 401) noteSignedOut()
      if (request.status < 300) resolve(request.response as Value)
      else reject(request.response ? new ApiProblem(request.response as Problem) : new Error(`The server answered ${request.status}.`))
    }
    signal?.addEventListener("abort", () => request.abort())
    request.send(file)
  })
}
