import { z } from 'zod'
import { Total } from './orders.ts'

/** An error answer, `application/problem+json` (RFC 9457), with one `errors[]` entry for each faulty field. */
export const Problem = z
  .object({
    type: z.string().default('about:blank'),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
    message: z.string().optional().meta({ description: 'all of it in one sentence' }),
    total: z
      .object({ seen: Total, now: Total })
      .optional()
      .meta({ description: 'of an order whose total is not the one that the diner saw' }),
  })
  .meta({
    examples: [
      {
        type: 'about:blank',
        title: 'Invalid order',
        status: 422,
        errors: [{ field: 'email', message: 'Invalid email address' }],
        message: 'Invalid order: email: Invalid email address',
      },
    ],
  })
export type Problem = z.infer<typeof Problem>
