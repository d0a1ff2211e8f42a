'use client'

import { money } from 'kafka-restaurants-contracts'
import { useBasket } from './basket.ts'
import { cartLines, offered, totalCents, withQuantity } from './cart.ts'
import { Menu } from './menu.tsx'
import { OrderForm } from './order-form.tsx'
import { ReadyIn } from './ready-in.tsx'
import type { RestaurantWithCurrency } from './restaurant-with-currency.ts'
import { Summary } from './summary.tsx'
import type { useOrder } from './use-order.ts'

interface OrderPanelProps {
  /** The page's own name, as in its address. */
  page: string
  restaurant: RestaurantWithCurrency
  order: ReturnType<typeof useOrder>
}

/** The menu beside the order: what is chosen on the left is added up and paid on the right. */
export function OrderPanel({ page, restaurant, order }: OrderPanelProps) {
  const { menu, currency, id, name } = restaurant
  const { cart: chosen, email, change } = useBasket(page)
  const { state, send, sendAgain, sendBesides, forget } = order
  const cart = offered(chosen, menu)
  const lines = cartLines(cart, menu)
  const total = { amountCents: totalCents(lines), currency }
  const totalText = money(total.amountCents, currency)
  const itemsError = state.step === 'faulty' ? state.errors.items : undefined
  const contents = (card: string) => ({ restaurant: id, restaurantName: name, email, card, cart, total })

  return (
    <div className="mx-auto mt-8 grid max-w-6xl grid-cols-1 items-start gap-8 px-4 sm:px-6 lg:grid-cols-[minmax(0,1fr)_24rem]">
      <Menu
        menu={menu}
        currency={currency}
        cart={cart}
        onQuantity={(dishId, quantity) => {
          change(({ cart }) => ({ cart: withQuantity(cart, dishId, quantity) }))
          forget('items')
        }}
      />
      <section aria-labelledby="order-heading" className="panel p-5 sm:p-6 lg:sticky lg:top-6">
        <h2 id="order-heading" className="text-xl font-bold tracking-tight">
          Your order
        </h2>
        <Summary lines={lines} currency={currency} total={totalText} error={itemsError} />
        <ReadyIn restaurant={name} />
        <OrderForm
          state={state}
          total={totalText}
          email={email}
          onEmail={typed => {
            change(() => ({ email: typed }))
            forget('email')
          }}
          onCard={() => forget('card')}
          onSubmit={card => void send(contents(card))}
          onAgain={sendAgain}
          onBesides={card => sendBesides(contents(card))}
        />
      </section>
    </div>
  )
}
