/** What output frames need beside their own document. */
import { z } from "zod"
import { byteAnswers, Conditional } from "#api/contract/byte-answers.ts"
import { route } from "#api/contract/route.ts"
import { line, Ulid } from "#api/contract/shapes.ts"

export const FRAME_ROUTES = {
  getLibrary: route({
    method: "GET",
    path: "/api/v1/libraries",
    tag: "Environments",
    summary: "JavaScript or CSS that a widget or chart package installed into an environment, as text, for the frame that shows its outputs",
    auth: "person",
    query: z.strictObject({
      path: line(500).meta({ description: "nbextensions/<package>/index.js, or a package's own folder of scripts: bokeh, panel, itables" }),
      kernel: line(200).optional().meta({ description: "The kernel whose environment is looked in" }),
      environment: line(200)
        .optional()
        .meta({ description: "name or digest of a built environment; where it is none, the notebook's is looked in, or that of the kernel" }),
      notebook: Ulid.optional().meta({ description: "The notebook that shows it: looked in is where a session or run of it would run" }),
    }),
    headers: Conditional,
    answers: byteAnswers("text/plain"),
  }),
} as const
