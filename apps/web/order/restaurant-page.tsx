'use client'

import Link from 'next/link'
import { useEffect } from 'react'
import { useAnswer } from '../api/use-answer.ts'
import { DietTags } from '../parts/diet-tags.tsx'
import { Notice } from '../parts/notice.tsx'
import { StyleBanner } from '../parts/style-banner.tsx'
import { OrderPanel } from './order-panel.tsx'
import { RestaurantWithCurrency } from './restaurant-with-currency.ts'
import { useOrder } from './use-order.ts'

export function RestaurantPage({ id }: { id: string }) {
  const { answer, loading, retry } = useAnswer(`/api/restaurants/${id}`, RestaurantWithCurrency)
  const order = useOrder(id, retry)
  const name = answer?.state === 'ready' ? answer.data.name : undefined

  useEffect(() => {
    if (name) document.title = `${name} · Kafka Restaurants`
  }, [name])

  if (answer === undefined) {
    return (
      <p role="status" className="mx-auto max-w-6xl px-4 py-16 text-cocoa sm:px-6">
        Fetching the menu…
      </p>
    )
  }
  if (answer.state === 'missing') {
    return (
      <Notice heading="No such restaurant" text="It may have closed, or the link has a typing error.">
        <OpenOrder order={order} />
        <Link href="/" className="button">
          All restaurants
        </Link>
      </Notice>
    )
  }
  if (answer.state === 'unreachable') {
    return (
      <Notice
        role="alert"
        heading="The menu can’t be reached"
        text="The restaurant did not answer. This usually passes within a minute."
      >
        <button type="button" className="button" aria-disabled={loading} onClick={retry}>
          {loading ? 'Trying…' : 'Try again'}
        </button>
        <OpenOrder order={order} />
        <Link href="/" className="button-quiet">
          All restaurants
        </Link>
      </Notice>
    )
  }
  return (
    <>
      <Heading restaurant={answer.data} />
      <OrderPanel page={id} restaurant={answer.data} order={order} />
    </>
  )
}

/** An order that was sent from this page before the restaurant was gone, and had no answer. */
function OpenOrder({ order: { state, sendAgain } }: { order: ReturnType<typeof useOrder> }) {
  if (state.step === 'filling') return null
  return (
    <p role="status" className="w-full text-cocoa">
      {state.step === 'sending' ? (
        'Your order is being sent…'
      ) : (
        <>
          Your order had no answer, and may have been taken. If so, its mail comes soon.{' '}
          <button type="button" className="font-semibold text-brick underline" onClick={sendAgain}>
            Ask again
          </button>
        </>
      )}
    </p>
  )
}

function Heading({ restaurant }: { restaurant: RestaurantWithCurrency }) {
  return (
    <>
      <StyleBanner style={restaurant.style} className="h-28 w-full sm:h-40" />
      <div className="mx-auto max-w-6xl px-4 pt-8 sm:px-6">
        <Link href="/" className="text-sm font-semibold text-brick underline-offset-4 hover:underline">
          All restaurants
        </Link>
        <h1 className="mt-3 text-3xl font-extrabold tracking-tight text-balance sm:text-4xl">
          {restaurant.name}
        </h1>
        {restaurant.description && <p className="mt-2 mb-4 max-w-2xl text-cocoa">{restaurant.description}</p>}
        <DietTags {...restaurant} />
      </div>
    </>
  )
}
