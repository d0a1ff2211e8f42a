'use client'

import { useRouter } from 'next/navigation'
import type { ReactNode } from 'react'
import { OrderPanel } from './order-panel.tsx'
import type { PageTexts } from './page-texts.ts'
import type { RestaurantWithCurrency } from './restaurant-with-currency.ts'
import { useOrder } from './use-order.ts'
import { PageTextsProvider } from './use-page-texts.ts'

interface RestaurantPageProps {
  /** As in the page's address. */
  id: string
  restaurant: RestaurantWithCurrency
  /** The names of dishes that many order. */
  popular: readonly string[]
  texts: PageTexts
  /** The share of orders whose trace begins in the browser; none is traced unless given. */
  tracedShare: number | undefined
  /** What is told above the menu. */
  facts: ReactNode
}

/** The menu and the order. The server draws it too, so that the menu can be read before any script runs, or without. */
export function RestaurantPage({ id, restaurant, popular, texts, tracedShare, facts }: RestaurantPageProps) {
  const router = useRouter()
  const order = useOrder(id, router.refresh, tracedShare)
  return (
    <PageTextsProvider value={texts}>
      <OrderPanel page={id} restaurant={restaurant} popular={popular} facts={facts} order={order} />
    </PageTextsProvider>
  )
}
