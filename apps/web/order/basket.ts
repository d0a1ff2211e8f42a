'use client'

import { useLayoutEffect, useState } from 'react'
import * as z from 'zod/mini'
import { Cart } from './cart.ts'
import { keep, kept } from './kept.ts'

/** What is chosen and typed so far, without the card. */
const Basket = z.object({ cart: Cart, email: z.string() })
type Basket = z.infer<typeof Basket>

const nameOf = (page: string) => `basket:${page}`

/** The basket of a restaurant's page. It lives in this tab, over reloads, until it is ordered. */
export function useBasket(page: string) {
  const [basket, setBasket] = useState<Basket>({ cart: {}, email: '' })
  // Not at once: the server, which draws the page first, does not know it.
  useLayoutEffect(() => setBasket(kept(nameOf(page), Basket) ?? { cart: {}, email: '' }), [page])
  const change = (changed: (before: Basket) => Partial<Basket>) =>
    setBasket(before => {
      const next = { ...before, ...changed(before) }
      keep(nameOf(page), next)
      return next
    })
  return { ...basket, change }
}

export const forgetBasket = (page: string) => keep(nameOf(page), undefined)
