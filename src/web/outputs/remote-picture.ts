/**
 * What stands where a picture would have to be fetched: its description and its host, and a way to let it. The app itself never asks
 * another host: an allowed picture is shown in a frame that may ask that one.
 */
import { toastError } from "#web/app/toast.tsx"
import { decoded } from "#web/outputs/clean.ts"
import { hostOf } from "#web/outputs/frame/wanted.ts"
import styles from "#web/outputs/outputs.module.css"
import { allowedHosts, allowHosts, knowAllowed } from "#web/outputs/stage/allowed.ts"
import { OutputFrame } from "#web/outputs/stage/output-frame.ts"
import { themeOf } from "#web/outputs/stage/theme.ts"

export type RemoteImage = { readonly source: string; readonly alt: string }

export function placeRemote(image: RemoteImage): Node {
  const { source, alt } = image
  const host = hostOf(source)
  const place = document.createElement("span")
  const name = alt.trim() || decoded(source.split(/[?#]/)[0]?.split("/").at(-1) ?? "").slice(0, 200) || "picture"
  if (host && allowedHosts().includes(host)) return framed(image, host)
  if (host) void knowAllowed().then(() => place.isConnected && allowedHosts().includes(host) && place.replaceWith(framed(image, host)))
  place.className = styles["missing"] ?? ""
  place.textContent = host ? `${name} · ${host}` : source.startsWith("data:") ? "a picture of an unsupported kind" : name
  if (host) place.append(loadButton(image, host, place))
  return place
}

function loadButton(image: RemoteImage, host: string, place: HTMLElement): HTMLElement {
  const button = document.createElement("button")
  button.type = "button"
  button.className = styles["load"] ?? ""
  button.textContent = "Load"
  button.title = `Opening a notebook asks nobody for anything. Pictures and scripts of ${host} load for you alone, until you take it back in your profile.`
  button.addEventListener("click", () => {
    allowHosts([host], toastError)
    place.replaceWith(framed(image, host))
  })
  return button
}

function framed({ source, alt }: RemoteImage, host: string): Node {
  const place = document.createElement("span")
  place.className = styles["remote"] ?? ""
  const frame = new OutputFrame(place, {
    hosts: [host],
    title: alt || `Picture of ${host}`,
    listener: {
      said: (said) => {
        if (said.say === "size") frame.element.style.height = `${said.height}px`
      },
      lost: () => frame.close(),
    },
  })
  const image = document.createElement("img")
  image.alt = alt
  // As text it is markup for the frame, where it may do what it likes: the frame may ask this one host for pictures.
  image.dataset["src"] = source.trim().replace(/^\/\//, "https://")
  frame.tell(themeOf())
  frame.tell({ do: "place", places: [{ id: "picture", x: 0, y: 0, width: 0, isShown: true }] })
  frame.tell({ do: "show", id: "picture", show: { renderer: "html", html: image.outerHTML.replace(" data-src=", " src="), script: "" } })
  return place
}
