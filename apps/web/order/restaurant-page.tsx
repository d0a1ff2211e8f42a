'use client'

import { useRouter } from 'next/navigation'
import { OrderPanel } from './order-panel.tsx'
import type { RestaurantWithCurrency } from './restaurant-with-currency.ts'
import { useOrder } from './use-order.ts'

interface RestaurantPageProps {
  /** As in the page's address. */
  id: string
  restaurant: RestaurantWithCurrency
  /** The names of dishes that many order. */
  popular: readonly string[]
}

/** The menu and the order. The server draws it too, so that the menu can be read before any script runs, or without. */
export function RestaurantPage({ id, restaurant, popular }: RestaurantPageProps) {
  const router = useRouter()
  const order = useOrder(id, router.refresh)
  return <OrderPanel page={id} restaurant={restaurant} popular={popular} order={order} />
}
