import { z } from 'zod'

/** How the bank behaves. */
export const Mode = z.object({
  mode: z.enum(['normal', 'slow', 'away', 'failing', 'lost-answer']),
  delayMs: z.int().min(0).max(600_000).default(1000),
})
export type Mode = z.infer<typeof Mode>
