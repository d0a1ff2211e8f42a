import type { Dish } from 'kafka-restaurants-contracts'
import * as v from 'valibot'

export const maxQuantity = 99

/** How many of each dish, by the dish's id. A dish that is not wanted is not in it. */
export const Cart = v.record(
  v.string(),
  v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(maxQuantity)),
)
export type Cart = Readonly<v.InferOutput<typeof Cart>>

export function withQuantity(cart: Cart, dishId: string, quantity: number): Cart {
  const { [dishId]: _, ...others } = cart
  const whole = Math.min(Math.max(Math.trunc(quantity) || 0, 0), maxQuantity)
  return whole === 0 ? others : { ...others, [dishId]: whole }
}

export interface CartLine {
  dish: Dish
  quantity: number
  cents: number
}

/** The cart without what the menu does not offer (any more). */
export const offered = (cart: Cart, menu: readonly Dish[]): Cart =>
  Object.fromEntries(Object.entries(cart).filter(([id]) => menu.some(dish => dish.id === id)))

/** The cart as the menu prices it, in the menu's order. */
export function cartLines(cart: Cart, menu: readonly Dish[]): CartLine[] {
  return menu.flatMap(dish => {
    const quantity = cart[dish.id] ?? 0
    return quantity > 0 ? [{ dish, quantity, cents: quantity * dish.priceCents }] : []
  })
}

export const totalCents = (lines: readonly CartLine[]) => lines.reduce((sum, line) => sum + line.cents, 0)
