import type { PopularDishes, TrackedOrder } from 'kafka-restaurants-contracts'

/** So many orders, the newest, tell what is popular. */
export const ordersThatCount = 5_000
/** Fewer may be one diner's taste. */
const leastOrders = 5
/** Of a restaurant that sells everything, everything would be. */
const mostDishes = 3

type Ordered = Pick<TrackedOrder, 'restaurant' | 'items'>

/**
 * What diners order most at each restaurant, by its name: of the dishes that are in five orders or more, the three that
 * are in most. A dish counts once an order, however much of it there is.
 */
export function popularDishes(orders: Iterable<Ordered>): Map<string, PopularDishes['dishes']> {
  const counts = new Map<string, Map<string, number>>()
  for (const { restaurant, items } of orders) {
    const dishes = counts.get(restaurant) ?? new Map<string, number>()
    counts.set(restaurant, dishes)
    for (const name of new Set(items.map(item => item.name))) dishes.set(name, (dishes.get(name) ?? 0) + 1)
  }
  return new Map(
    [...counts].map(([restaurant, dishes]) => [
      restaurant,
      [...dishes]
        .map(([name, orders]) => ({ name, orders }))
        .filter(({ orders }) => orders >= leastOrders)
        .toSorted((a, b) => b.orders - a.orders || (a.name < b.name ? -1 : 1))
        .slice(0, mostDishes),
    ]),
  )
}
