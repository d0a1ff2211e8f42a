'use client'

import type { TrackedOrder } from 'kafka-restaurants-contracts'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import type { Answer } from '../api/answer.ts'
import { fillBasket } from '../order/basket.ts'
import { Notice } from '../parts/notice.tsx'
import { forgetOrders, type OwnOrder, ownOrders } from './own-orders.ts'
import { type Mark, markOf, steps } from './steps.ts'
import { useAnswers } from './use-answers.ts'
import { when } from './when.ts'

export function OwnOrdersPage() {
  const t = useTranslations('orders')
  // The server does not know them.
  const [orders, setOrders] = useState<OwnOrder[]>()
  const [areForgotten, setForgotten] = useState(false)
  const heading = useRef<HTMLHeadingElement>(null)
  useLayoutEffect(() => setOrders(ownOrders()), [])
  useEffect(() => {
    // An order of another tab.
    const read = () => setOrders(ownOrders())
    window.addEventListener('storage', read)
    return () => window.removeEventListener('storage', read)
  }, [])

  function forget() {
    forgetOrders()
    setOrders([])
    setForgotten(true)
    // The button that had the focus is gone.
    heading.current?.focus()
  }

  return (
    <div className="mx-auto max-w-3xl px-4 py-8 sm:px-6 sm:py-12">
      <h1 ref={heading} tabIndex={-1} className="text-3xl font-extrabold tracking-tight outline-none">
        {t('heading')}
      </h1>
      <p className="mt-2 text-cocoa">{t('intro')}</p>
      <p role="status" className="sr-only">
        {areForgotten && 'The orders are forgotten on this browser.'}
      </p>
      {orders?.length === 0 && (
        <Notice
          level={2}
          heading={areForgotten ? 'Forgotten on this browser' : 'No orders yet'}
          text={
            areForgotten
              ? 'Nothing about the orders themselves has changed: whoever has the link to one can still open it.'
              : 'What you order in this browser is listed here.'
          }
        >
          <Link href="/" className="button">
            All restaurants
          </Link>
        </Notice>
      )}
      {orders && orders.length > 0 && <OwnOrders orders={orders} onForget={forget} />}
    </div>
  )
}

function OwnOrders({ orders, onForget }: { orders: OwnOrder[]; onForget: () => void }) {
  const ids = useMemo(() => orders.map(({ orderId }) => orderId), [orders])
  const { answers, loading, unreachable, retry } = useAnswers(ids)
  return (
    <>
      {unreachable.length > 0 && (
        <div
          role="alert"
          className="mt-6 flex flex-wrap items-center justify-between gap-3 rounded-xl border border-saffron bg-saffron/15 p-4 text-sm"
        >
          <p>
            <span className="font-semibold">How far they are can’t be reached just now.</span> This usually
            passes within a minute.
          </p>
          <button type="button" className="button-quiet" aria-disabled={loading} onClick={retry}>
            {loading ? 'Trying…' : 'Try again'}
          </button>
        </div>
      )}
      <ul aria-label="Your orders" aria-busy={loading} className="mt-6 space-y-3">
        {orders.map(order => (
          <Item key={order.orderId} order={order} answer={answers[order.orderId]} />
        ))}
      </ul>
      <button type="button" className="button-quiet mt-8" onClick={onForget}>
        Forget them on this browser
      </button>
    </>
  )
}

interface ItemProps {
  order: OwnOrder
  answer: Answer<TrackedOrder> | undefined
}

function Item({ order: { orderId, restaurant, total, at, page, cart }, answer }: ItemProps) {
  const { text, color } = stateOf(answer)
  const router = useRouter()
  return (
    <li className="panel relative flex min-h-20 items-center justify-between gap-4 p-4 transition-colors hover:border-brick sm:px-5">
      <div className="min-w-0">
        <Link
          href={`/orders/${orderId}`}
          prefetch={false}
          className="font-semibold break-words after:absolute after:inset-0 after:rounded-2xl focus-visible:outline-none focus-visible:after:outline-3 focus-visible:after:outline-brick"
        >
          {restaurant}
        </Link>
        <p className="mt-1 text-sm text-cocoa tabular-nums">
          {total && `${total} · `}
          <time dateTime={at}>{when(at)}</time>
        </p>
      </div>
      <div className="flex shrink-0 flex-col items-end gap-2">
        <span className={`rounded-full px-3 py-1 text-sm font-semibold ${color}`}>{text}</span>
        {page && cart && (
          <button
            type="button"
            aria-label={`Order again at ${restaurant}`}
            className="relative z-10 min-h-11 text-sm font-semibold text-brick underline-offset-4 hover:underline"
            onClick={() => {
              fillBasket(page, cart)
              router.push(`/restaurants/${page}`)
            }}
          >
            Order again
          </button>
        )}
      </div>
    </li>
  )
}

const colors: Readonly<Record<Mark, string>> = {
  done: 'bg-olive/10 text-olive',
  failed: 'bg-red-50 text-alarm',
  awaited: 'bg-saffron/25',
}
const grey = 'bg-linen text-cocoa'

function stateOf(answer: Answer<TrackedOrder> | undefined): { text: string; color: string } {
  switch (answer?.state) {
    case undefined:
      return { text: 'Asking…', color: grey }
    case 'missing':
      return { text: 'Not known here', color: grey }
    case 'unreachable':
      return { text: 'Not reached', color: grey }
    case 'ready': {
      const { status } = answer.data
      const mark = steps[status].awaits ? 'awaited' : markOf(status)
      return { text: steps[status].title, color: colors[mark] }
    }
  }
}
