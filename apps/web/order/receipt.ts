import { z } from 'zod'

/** What the confirmation shows besides the order's id. It never holds anything of the card. */
const Receipt = z.object({ email: z.string(), restaurant: z.string(), total: z.string() })
export type Receipt = z.infer<typeof Receipt>

const storageKey = (orderId: string) => `order:${orderId}`

/** Hands the receipt to the confirmation page past its address, which others may see. */
export function keepReceipt(orderId: string, receipt: Receipt) {
  try {
    sessionStorage.setItem(storageKey(orderId), JSON.stringify(receipt))
  } catch {
    // A browser may refuse storage: the confirmation then does without the receipt.
  }
}

export function findReceipt(orderId: string): Receipt | undefined {
  try {
    return Receipt.safeParse(JSON.parse(sessionStorage.getItem(storageKey(orderId)) ?? 'null')).data
  } catch {
    return undefined
  }
}
