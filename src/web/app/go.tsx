/** Links within the app, by address: what stands in the address bar is what is written here. */
import { useRouter } from "@tanstack/react-router"
import type { AnchorHTMLAttributes, MouseEvent, Ref } from "react"

type Props = AnchorHTMLAttributes<HTMLAnchorElement> & { readonly href: string; readonly ref?: Ref<HTMLAnchorElement> }

/** A link that goes there without loading the page again; a click with a modifier does what the browser does with it. */
export function Go({ href, onClick, ...rest }: Props) {
  const router = useRouter()
  const click = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event)
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey
    if (event.defaultPrevented || !isPlain || rest.target === "_blank") return
    event.preventDefault()
    router.history.push(href)
  }
  const prepare = usePrepare()
  // Its code is on the way before the finger is up again.
  return <a {...rest} href={href} onClick={click} onPointerEnter={() => prepare(href)} />
}

/** Brings the code of the screen at an address. */
export function usePrepare(): (href: string) => void {
  const router = useRouter()
  return (href) => void router.preloadRoute({ to: href.replace(/[?#].*$/u, "") } as never).catch(() => undefined)
}

export function useGo(): (href: string, how?: { readonly replace: boolean }) => void {
  const { history } = useRouter()
  return (href, how) => (how?.replace ? history.replace(href) : history.push(href))
}
