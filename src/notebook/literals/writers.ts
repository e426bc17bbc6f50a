/** The literal writer of each language. */
import type { Language } from "#notebook/languages.ts"
import { bash } from "#notebook/literals/bash.ts"
import { csharp, fsharp } from "#notebook/literals/dotnet.ts"
import { julia } from "#notebook/literals/julia.ts"
import { matlab, octave } from "#notebook/literals/matlab.ts"
import { powershell } from "#notebook/literals/powershell.ts"
import { python } from "#notebook/literals/python.ts"
import { r } from "#notebook/literals/r.ts"
import { scala } from "#notebook/literals/scala.ts"
import { script } from "#notebook/literals/script.ts"
import { sql } from "#notebook/literals/sql.ts"
import type { Writer } from "#notebook/literals/writer.ts"

export const WRITERS: { readonly [language in Language]: Writer } = {
  python,
  r,
  julia,
  scala,
  javascript: script,
  typescript: script,
  bash,
  powershell,
  csharp,
  fsharp,
  matlab,
  octave,
  sql,
}
