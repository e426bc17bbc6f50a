/** What every plain page has around it. Pure: the nonce and the form token are handed in. */

import { STYLE } from "#api/pages/style.ts"
import { html, type Markup, NOTHING, type Part, trusted } from "#page/index.ts"

/** `unread`: how much of their inbox waits. */
export type Visitor = { readonly name: string; readonly unread: number }

export type Sheet = {
  readonly title: string
  readonly body: Part
  readonly nonce: string
  /** Who is signed in; nobody sees no navigation. */
  readonly person: Visitor | undefined
  readonly formToken: string
  readonly at?: string
  readonly narrow?: boolean
  /** Style rules that bring the app's fonts, where the app is built. */
  readonly fonts?: string
}

/** In the words of the app and in its order (web/app/nav.tsx). */
const PLACES = [
  ["/search", "Search"],
  ["/", "Home"],
  ["/inbox", "Inbox"],
  ["/templates", "Templates"],
  ["/runs", "Runs"],
  ["/spaces", "Spaces"],
  ["/settings", "Settings"],
  ["/api/docs", "The API"],
] as const

export function sheet({ title, body, nonce, person, formToken, at, narrow, fonts = "" }: Sheet): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Stet</title>
<link rel="icon" href="data:,">
<style nonce="${nonce}">${trusted(fonts + STYLE)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="top${narrow === true && !person ? " lone" : ""}"><a class="mark" href="/">stet</a>${person ? places(at, person, formToken) : NOTHING}</header>
<main id="main"${narrow === true && trusted(' class="narrow"')}>${body}</main>
</body>
</html>
`.markup
}

function places(at: string | undefined, person: Visitor, formToken: string): Markup {
  return html`<nav aria-label="Main">${PLACES.map(([href, word]) => html`<a href="${href}"${at === href && trusted(' aria-current="page"')}>${word}${href === "/inbox" && waiting(person)}</a>`)}</nav>
<span class="who"><span dir="auto">${person.name}</span> · ${postForm("/sign-out", formToken, html`<button class="plain">Sign out</button>`)}</span>`
}

function waiting({ unread }: Visitor): Part {
  return unread > 0 && html` <span class="count">${unread > 99 ? "99+" : String(unread)}<span class="unseen"> unread</span></span>`
}

/** A form that changes something: it carries the token that ties it to this session. */
export function postForm(action: string, formToken: string, body: Part, className = ""): Markup {
  return html`<form method="post" action="${action}"${className !== "" && html` class="${className}"`}><input type="hidden" name="_form" value="${formToken}">${body}</form>`
}

export type Field = {
  readonly name: string
  readonly label: string
  readonly type?: string
  readonly value?: string
  readonly help?: string
  readonly wrong?: string | undefined
  readonly required?: boolean
  readonly autocomplete?: string
  readonly placeholder?: string
  /** One types here first: the field of a page that has no other purpose. */
  readonly isFirst?: boolean
}

export function field({ isFirst = false, ...given }: Field): Markup {
  const { name, label, type = "text", value = "", help = "", wrong, required = false, autocomplete, placeholder } = given
  const id = `f-${name}`
  const described = [help === "" ? "" : `${id}-help`, wrong === undefined ? "" : `${id}-wrong`].filter((part) => part !== "").join(" ")
  return html`<div><label for="${id}">${label}</label>${help !== "" && html`<p class="help" id="${id}-help">${help}</p>`}<input id="${id}" name="${name}" type="${type}" value="${value}"${required && trusted(" required")}${isFirst && trusted(" autofocus")}${autocomplete !== undefined && html` autocomplete="${autocomplete}"`}${placeholder !== undefined && html` placeholder="${placeholder}"`}${described !== "" && html` aria-describedby="${described}"`}${wrong !== undefined && trusted(' aria-invalid="true"')}>${wrongNote(id, wrong)}</div>`
}

function wrongNote(id: string, wrong: string | undefined): Markup {
  return wrong === undefined ? NOTHING : html`<p class="wrong" id="${id}-wrong">${wrong}</p>`
}

export function withQuery(path: string, query: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(query).flatMap(([key, value]) =>
    value === undefined || value === "" ? [] : [[key, value.toWellFormed()] as [string, string]],
  )
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`
}
