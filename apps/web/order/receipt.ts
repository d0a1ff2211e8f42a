import * as v from 'valibot'
import { keep, kept } from './kept.ts'

/** What the tab that has ordered knows of an order before tracking does. It never holds anything of the card. */
const Receipt = v.object({
  email: v.string(),
  restaurant: v.string(),
  total: v.string(),
  /** The page that it was ordered on, and the key: that page keeps the order until it is confirmed. */
  page: v.string(),
  key: v.string(),
})
export type Receipt = v.InferOutput<typeof Receipt>

const nameOf = (orderId: string) => `order:${orderId}`

/** Hands the receipt to the order's page past its address, which others may see. */
export const keepReceipt = (orderId: string, receipt: Receipt) => keep(nameOf(orderId), receipt)

export const findReceipt = (orderId: string): Receipt | undefined => kept(nameOf(orderId), Receipt)
