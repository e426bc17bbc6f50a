/** The few lines that keep a run's page up to date. They put text into the page, never markup, and load it anew when the run has ended. */
export const LIVE_SCRIPT = `"use strict"
const live = document.getElementById("live")
const log = document.getElementById("log")
const source = new EventSource(live.dataset.events)
const MOST = 400000
function add(text) {
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40
  log.hidden = false
  log.append(text)
  while (log.textContent.length > MOST && log.firstChild !== log.lastChild) log.firstChild.remove()
  if (atEnd) log.scrollTop = log.scrollHeight
}
function told(name, then) {
  source.addEventListener(name, (message) => then(JSON.parse(message.data).what))
}
told("stream", (what) => add(what.text))
told("progress", ({ done, total }) => {
  const bar = document.getElementById("bar")
  bar.max = Math.max(1, total)
  bar.value = done
  document.getElementById("count").textContent = done + " of " + total + " cells"
})
told("state", ({ state }) => {
  if (state !== live.dataset.state) location.reload()
})
for (const name of ["end", "revoked"]) source.addEventListener(name, () => { source.close(); location.reload() })
log.scrollTop = log.scrollHeight
`
