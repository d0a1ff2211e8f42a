import { z } from 'zod'

/** A mail as the inbox shows it. */
export const InboxMessage = z.object({
  id: z.string(),
  messageId: z.string(),
  from: z.string(),
  to: z.array(z.string()),
  subject: z.string(),
  text: z.string(),
  html: z.string(),
  receivedAt: z.iso.datetime(),
})
export type InboxMessage = z.infer<typeof InboxMessage>

/** `GET /api/messages?to=&limit=&before=`: newest first. `total` counts all that were ever received, those dropped by the cap too. */
export const InboxMessages = z.object({ total: z.int(), messages: z.array(InboxMessage) })
export type InboxMessages = z.infer<typeof InboxMessages>
