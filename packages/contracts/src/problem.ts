import { z } from 'zod'

/** An error answer, `application/problem+json` (RFC 9457), with one `errors[]` entry for each faulty field. */
export const Problem = z
  .object({
    type: z.string().default('about:blank'),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
    message: z.string().optional().meta({ description: 'all of it in one sentence' }),
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
