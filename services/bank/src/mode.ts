import { z } from 'zod'

/** How the bank behaves. */
export const Mode = z.object({
  mode: z.enum(['normal', 'slow', 'away', 'failing', 'lost-answer']),
  delayMs: z.int().min(0).max(600_000).default(1000),
  forMs: z.int().min(1).max(600_000).optional().meta({ description: 'after that it is normal again' }),
})
export type Mode = z.infer<typeof Mode>
