'use client'

import { useLayoutEffect, useState } from 'react'
import * as v from 'valibot'
import { Cart } from './cart.ts'
import { keep, kept } from './kept.ts'

/** What is chosen at a restaurant. Once it is ordered, `orderedAs` is the key of that order, until something is changed. */
const Basket = v.object({ cart: Cart, orderedAs: v.optional(v.string()) })

const nameOf = (page: string) => `basket:${page}`
const basketOf = (page: string) => kept(nameOf(page), Basket)

/**
 * The basket of a restaurant's page. Each restaurant has its own, so that none has to be given up for another; it lives
 * in this tab, over reloads and the way back, until its order is paid.
 */
export function useBasket(page: string) {
  const [cart, setCart] = useState<Cart>({})
  // Not at once: the server, which draws the page first, does not know it.
  useLayoutEffect(() => {
    const before = basketOf(page)
    if (before) setCart(before.cart)
  }, [page])
  const change = (changed: (before: Cart) => Cart) =>
    setCart(before => {
      const next = changed(before)
      fillBasket(page, next)
      return next
    })
  return { cart, change }
}

/** Puts a cart into the basket of a page, in place of what was in it. */
export const fillBasket = (page: string, cart: Cart) => keep(nameOf(page), { cart })

/** The basket stays: the card may be declined. */
export function markOrdered(page: string, key: string) {
  const basket = basketOf(page)
  if (basket) keep(nameOf(page), { ...basket, orderedAs: key })
}

/** Empties the basket whose order is paid; not one that was changed since. */
export function forgetOrdered({ page, key }: { page: string; key: string }) {
  if (basketOf(page)?.orderedAs === key) keep(nameOf(page), undefined)
}
