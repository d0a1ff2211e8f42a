import { choicesFaults, chosenOf, type Dish, priceWith } from 'kafka-restaurants-contracts'
import * as v from 'valibot'

export const maxQuantity = 99

/**
 * How many of each dish, by the dish's id, behind which stands what is chosen of it: `pizza:egg,large`. What is not wanted
 * is not in it.
 */
export const Cart = v.record(
  v.string(),
  v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(maxQuantity)),
)
export type Cart = Readonly<v.InferOutput<typeof Cart>>

/** The same for the same choices, in whichever order they were made. */
export const lineId = (dishId: string, choices: readonly string[]) =>
  choices.length === 0 ? dishId : `${dishId}:${choices.toSorted().join()}`

export function readLineId(id: string): { dishId: string; choices: string[] } {
  const [dishId = '', choices] = id.split(':')
  return { dishId, choices: choices?.split(',') ?? [] }
}

export function withQuantity(cart: Cart, id: string, quantity: number): Cart {
  const { [id]: _, ...others } = cart
  const whole = Math.min(Math.max(Math.trunc(quantity) || 0, 0), maxQuantity)
  return whole === 0 ? others : { ...others, [id]: whole }
}

export interface CartLine {
  id: string
  dish: Dish
  /** What was chosen of it, by name, as the menu has it. */
  choices: string[]
  quantity: number
  cents: number
}

/** The cart without what the menu does not offer (any more). */
export const offered = (cart: Cart, menu: readonly Dish[]): Cart =>
  Object.fromEntries(cartLines(cart, menu).map(({ id, quantity }) => [id, quantity]))

/** The cart as the menu prices it, in the menu's order. */
export const cartLines = (cart: Cart, menu: readonly Dish[]): CartLine[] =>
  menu.flatMap(dish => linesOf(cart, dish))

/** What the cart has of a dish, as it can be had now. */
export const linesOf = (cart: Cart, dish: Dish): CartLine[] =>
  Object.entries(cart).flatMap(([id, quantity]) => {
    const { dishId, choices } = readLineId(id)
    if (dishId !== dish.id || choicesFaults(dish, choices).length > 0) return []
    const names = chosenOf(dish, choices).map(({ name }) => name)
    return [{ id, dish, choices: names, quantity, cents: quantity * priceWith(dish, choices) }]
  })

export const totalCents = (lines: readonly CartLine[]) => lines.reduce((sum, line) => sum + line.cents, 0)
