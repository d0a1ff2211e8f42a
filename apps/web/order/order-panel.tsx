'use client'

import { useState } from 'react'
import { type Cart, cartLines, totalCents, withQuantity } from './cart.ts'
import { Menu } from './menu.tsx'
import { money } from './money.ts'
import { OrderForm } from './order-form.tsx'
import type { RestaurantWithCurrency } from './restaurant-page.tsx'
import { Summary } from './summary.tsx'
import { useOrder } from './use-order.ts'

/** The menu beside the order: what is chosen on the left is added up and paid on the right. */
export function OrderPanel({ restaurant }: { restaurant: RestaurantWithCurrency }) {
  const { menu, currency, id, name } = restaurant
  const [cart, setCart] = useState<Cart>({})
  const { state, send, forget } = useOrder()
  const lines = cartLines(cart, menu)
  const total = money(totalCents(lines), currency)
  const itemsError = state.step === 'faulty' ? state.errors.items : undefined

  return (
    <div className="mx-auto mt-8 grid max-w-6xl items-start gap-8 px-4 sm:px-6 lg:grid-cols-[1fr_24rem]">
      <Menu
        menu={menu}
        currency={currency}
        cart={cart}
        onQuantity={(dishId, quantity) => {
          setCart(current => withQuantity(current, dishId, quantity))
          forget('items')
        }}
      />
      <section aria-labelledby="order-heading" className="panel p-5 sm:p-6 lg:sticky lg:top-6">
        <h2 id="order-heading" className="text-xl font-bold tracking-tight">
          Your order
        </h2>
        <Summary lines={lines} currency={currency} total={total} error={itemsError} />
        <OrderForm
          state={state}
          total={total}
          onEdit={forget}
          onSubmit={({ email, card }) =>
            void send({ restaurant: id, email, card, cart }, { restaurant: name, total })
          }
        />
      </section>
    </div>
  )
}
