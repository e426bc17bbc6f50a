/** The API's documentation as one page, made from the contract. Pure. */
import { CONTRACT, type Content, type Route } from "#api/contract.ts"
import { accessWords, openApi } from "#api/openapi.ts"
import { tagsOf } from "#api/tags.ts"
import { html, type Markup, NOTHING } from "#page/index.ts"

type Schema = { readonly [key: string]: unknown }

export function docsBody(version: string, url: string): Markup {
  const document = openApi({ version, url })
  const tags = tagsOf(Object.values<Route>(CONTRACT))
  const schemas = ((document["components"] as Schema)["schemas"] ?? {}) as Readonly<Record<string, Schema>>
  return html`<h1>The API</h1>
<p>JSON over HTTP, under <code>${url}/api/v1</code>. Send a token as <code>Authorization: Bearer stet_…</code>; make one under <a href="/settings">Settings</a>. The same as <a href="/api/openapi.json">OpenAPI 3.1</a>.</p>
<p>What is refused or fails comes as <code>application/problem+json</code> and names every field at fault. Lists come in parts: send <code>next</code> back as <code>cursor</code>.</p>
<h2>Launch a run</h2>
<pre class="log">curl -X POST ${url}/api/v1/runs \\
  -H "Authorization: Bearer $STET_TOKEN" -H "Idempotency-Key: nightly-2026-01-31" \\
  -H "Content-Type: application/json" \\
  -d '{"notebook": "space/path.ipynb", "parameters": {"region": "EU"}}'</pre>
${tags.map((tag) => section(tag, schemas))}
<h2 id="shapes">Shapes</h2>
${Object.entries(schemas).map(([name, schema]) => html`<h3 id="${name}">${name}</h3>${members(schema)}`)}`
}

function section({ name: tag, description }: ReturnType<typeof tagsOf>[number], schemas: Readonly<Record<string, Schema>>): Markup {
  const routes = Object.entries<Route>(CONTRACT).filter(([, route]) => route.tag === tag)
  return html`<h2 id="${tag}">${tag}</h2><p>${description}</p>${routes.map(([name, route]) => one(name, route, schemas))}`
}

function one(name: string, route: Route, schemas: Readonly<Record<string, Schema>>): Markup {
  const operation = openApiOperation(name)
  const answers = Object.entries(route.answers).map(
    ([status, { what, content }]) => html`<li><code>${status}</code> ${what}${shapeLink(content, operation, status, schemas)}</li>`,
  )
  return html`<h3 id="${name}"><span class="method">${route.method}</span> <code>${route.path}</code></h3>
<p>${route.summary}. <span class="quiet">${accessWords(route)}</span></p>
${parameterTable(operation)}${bodyOf(route.body, operation, schemas)}<ul>${answers}</ul>`
}

const DOCUMENT = openApi({ version: "", url: "" })

function openApiOperation(name: string): Schema {
  const { path, method } = CONTRACT[name as keyof typeof CONTRACT]
  return ((DOCUMENT["paths"] as Schema)[path] as Schema)[method.toLowerCase()] as Schema
}

function parameterTable(operation: Schema): Markup {
  const parameters = (operation["parameters"] ?? []) as readonly Schema[]
  if (parameters.length === 0) return NOTHING
  return html`<div class="scroll"><table><tbody>${parameters.map((one) => html`<tr><td><code>${String(one["name"])}</code></td><td class="quiet">${String(one["in"])}${one["required"] === true && ", needed"}</td><td>${typeWords(one["schema"] as Schema)}</td><td>${String(one["description"] ?? "")}</td></tr>`)}</tbody></table></div>`
}

function bodyOf(content: Content | undefined, operation: Schema, schemas: Readonly<Record<string, Schema>>): Markup {
  if (!content || content.kind === "empty" || content.kind === "events") return NOTHING
  if (content.kind === "bytes") return html`<p>Takes bytes: ${content.mediaTypes.join(", ")}.</p>`
  const schema = jsonSchemaIn(operation["requestBody"] as Schema)
  const name = refName(schema)
  return name !== undefined && name in schemas
    ? html`<p>Takes a <a href="#${name}">${name}</a>.</p>`
    : html`<details><summary>Takes JSON</summary>${members(schema)}</details>`
}

function shapeLink(content: Content, operation: Schema, status: string, schemas: Readonly<Record<string, Schema>>): Markup {
  if (content.kind === "bytes") return html` <span class="quiet">(${content.mediaTypes.join(", ")})</span>`
  if (content.kind === "events") return html` <span class="quiet">(text/event-stream)</span>`
  if (content.kind === "empty") return NOTHING
  const schema = jsonSchemaIn((operation["responses"] as Schema)[status] as Schema)
  const name =
    refName(schema) ?? refName(((schema["properties"] as Schema | undefined)?.["items"] as Schema | undefined)?.["items"] as Schema | undefined)
  return name !== undefined && name in schemas ? html`: <a href="#${name}">${name}</a>${refName(schema) === undefined && ", in parts"}` : NOTHING
}

function jsonSchemaIn(holder: Schema | undefined): Schema {
  return (((holder?.["content"] as Schema | undefined)?.["application/json"] as Schema | undefined)?.["schema"] ?? {}) as Schema
}

function refName(schema: Schema | undefined): string | undefined {
  const ref = schema?.["$ref"]
  return typeof ref === "string" ? ref.split("/").at(-1) : undefined
}

function members(schema: Schema): Markup {
  const properties = Object.entries((schema["properties"] ?? {}) as Readonly<Record<string, Schema>>)
  if (properties.length === 0) return html`<p class="quiet">${typeWords(schema)}</p>`
  const needed = (schema["required"] ?? []) as readonly string[]
  return html`<div class="scroll"><table><tbody>${properties.map(([name, one]) => html`<tr><td><code>${name}</code></td><td>${typeWords(one)}</td><td class="quiet">${needed.includes(name) ? "" : "may be left out"}</td><td>${String(one["description"] ?? "")}</td></tr>`)}</tbody></table></div>`
}

function typeWords(schema: Schema): Markup {
  const name = refName(schema)
  if (name !== undefined) return html`<a href="#${name}">${name}</a>`
  const either = (schema["anyOf"] ?? schema["oneOf"]) as readonly Schema[] | undefined
  if (either) return html`${either.map((one, index) => html`${index > 0 && " or "}${typeWords(one)}`)}`
  if (Array.isArray(schema["enum"])) return html`${schema["enum"].map(String).join(" | ")}`
  if (schema["type"] === "array") return html`list of ${typeWords((schema["items"] ?? {}) as Schema)}`
  return html`${String(schema["const"] ?? schema["format"] ?? schema["type"] ?? "any")}`
}
