import { z } from 'zod'

/** How the mail server behaves. */
export const Mode = z.object({
  mode: z.enum(['normal', 'slow', 'away', 'refuse']),
  delayMs: z.int().min(0).max(600_000).default(1000),
  forMs: z.int().min(1).max(600_000).optional().meta({ description: 'after that it is normal again' }),
  address: z
    .string()
    .max(320)
    .optional()
    .meta({ description: 'whom `refuse` refuses; everybody without it' }),
  code: z.int().min(400).max(599).default(550).meta({ description: 'what `refuse` answers' }),
})
export type Mode = z.infer<typeof Mode>

/** Whether mail to an address is refused; addresses are the same in any case. */
export const refuses = ({ mode, address }: Mode, to: string) =>
  mode === 'refuse' && (!address || address.toLowerCase() === to.toLowerCase())
