'use client'

import { dishInWords, flatAmountCents, money } from 'kafka-restaurants-contracts'
import dynamic from 'next/dynamic'
import type { ReactNode } from 'react'
import { CostLines } from '../parts/cost-lines.tsx'
import { useBasket } from './basket.ts'
import { BasketBar } from './basket-bar.tsx'
import { cartLines, offered, totalCents, withQuantity } from './cart.ts'
import { Menu } from './menu.tsx'
import { ReadyIn } from './ready-in.tsx'
import type { RestaurantWithCurrency } from './restaurant-with-currency.ts'
import type { useOrder } from './use-order.ts'
import { usePageTexts } from './use-page-texts.ts'

// Fetched once something is chosen: nothing of the page needs it before.
const OrderForm = dynamic(() => import('./order-form.tsx').then(({ OrderForm }) => OrderForm), {
  ssr: false,
  loading: OneMoment,
})

function OneMoment() {
  return <p className="mt-6 text-cocoa">{usePageTexts().oneMoment}</p>
}

interface OrderPanelProps {
  /** The page's own name, as in its address. */
  page: string
  restaurant: RestaurantWithCurrency
  popular: readonly string[]
  facts: ReactNode
  order: ReturnType<typeof useOrder>
}

/** The menu beside the order: what is chosen at its start is added up and paid at its end. */
export function OrderPanel({ page, restaurant, popular, facts, order }: OrderPanelProps) {
  const { menu, currency, name } = restaurant
  const { locale, yourOrder, nothingChosen, mealOfTheDay } = usePageTexts()
  const { cart: chosen, change } = useBasket(page)
  const cart = offered(chosen, menu)
  const lines = cartLines(cart, menu)
  const hasMenu = menu.length > 0
  const dishesCents = hasMenu ? totalCents(lines) : flatAmountCents
  const { state, forget } = order
  const inWords = (cents: number) => money(cents, currency, locale)
  const canOrder = lines.length > 0 || !hasMenu || state.step !== 'filling'

  return (
    <div className="mx-auto mt-8 grid max-w-6xl grid-cols-1 items-start gap-8 px-4 sm:px-6 lg:grid-cols-[minmax(0,1fr)_24rem]">
      <div className="min-w-0">
        {facts}
        <Menu
          restaurant={restaurant}
          popular={popular}
          cart={cart}
          onQuantity={(dishId, quantity) => {
            change(before => withQuantity(before, dishId, quantity))
            forget()
          }}
        />
        <BasketBar
          dishes={lines.reduce((sum, { quantity }) => sum + quantity, 0)}
          total={inWords(dishesCents)}
        />
      </div>
      <section
        id="order"
        aria-labelledby="order-heading"
        className="panel scroll-mt-4 p-5 sm:p-6 lg:sticky lg:top-6"
      >
        <h2 id="order-heading" className="text-xl font-bold tracking-tight">
          {yourOrder}
        </h2>
        <div className="mt-4">
          {lines.length > 0 && (
            <CostLines
              lines={lines.map(({ id, dish: { name }, choices, quantity, cents }) => ({
                key: id,
                name: dishInWords({ name, choices }),
                quantity,
                cost: inWords(cents),
              }))}
            />
          )}
          {!hasMenu && (
            <CostLines
              lines={[{ key: 'meal', name: mealOfTheDay, quantity: 1, cost: inWords(dishesCents) }]}
            />
          )}
          {hasMenu && lines.length === 0 && <p className="text-cocoa">{nothingChosen}</p>}
        </div>
        <ReadyIn restaurant={name} />
        {canOrder && (
          <OrderForm
            page={page}
            restaurant={restaurant}
            cart={cart}
            dishesCents={dishesCents}
            order={order}
          />
        )}
      </section>
    </div>
  )
}
