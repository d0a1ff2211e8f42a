'use client'

import Link from 'next/link'
import { type ReactNode, useEffect, useLayoutEffect, useState } from 'react'
import { forgetOrdered } from '../order/basket.ts'
import { forgetConfirmed } from '../order/order-attempt.ts'
import { findReceipt, type Receipt } from '../order/receipt.ts'
import { Notice } from '../parts/notice.tsx'
import type { Following } from './follow-order.ts'
import { OrderDetails } from './order-details.tsx'
import { orderOfReceipt, type ShownOrder, shownOrder } from './shown-order.ts'
import { steps } from './steps.ts'
import { Timeline } from './timeline.tsx'
import { useFollowedOrder } from './use-followed-order.ts'

interface OrderPageProps {
  orderId: string
  /** Where the demo's mails can be read; none where real mail is sent. */
  inboxUrl?: string
}

/** An order, for whoever has its address. The tab that has placed it knows of it before tracking does. */
export function OrderPage({ orderId, inboxUrl }: OrderPageProps) {
  const following = useFollowedOrder(orderId)
  const [receipt, setReceipt] = useState<Receipt>()
  // Before anything is drawn: the page of an order that was just placed begins as that.
  useLayoutEffect(() => {
    const found = findReceipt(orderId)
    setReceipt(found)
    if (found) forgetConfirmed(found)
  }, [orderId])

  const { order, isMissing, connection } = following
  const shown = order ? shownOrder(order, receipt) : receipt && orderOfReceipt(receipt)
  const isPaid = order && order.status !== 'placed' && order.status !== 'declined'
  useEffect(() => {
    if (isPaid && receipt) forgetOrdered(receipt)
  }, [isPaid, receipt])
  if (!shown && isMissing) {
    return (
      <Notice
        role="status"
        heading="No such order is known here"
        text="The link may have a typing error, or the order is long over and was removed. An order that was placed a moment ago is shown here as soon as it is known: this page looks again by itself."
      >
        <AllRestaurants />
      </Notice>
    )
  }
  if (!shown && connection === 'lost') {
    return (
      <Notice
        role="alert"
        heading="The order can’t be reached"
        text="This usually passes within a minute, and changes nothing about the order. This page tries again by itself."
      >
        <AllRestaurants />
      </Notice>
    )
  }
  return (
    <div className="mx-auto grid max-w-5xl grid-cols-1 items-start gap-6 px-4 py-8 sm:px-6 sm:py-12 lg:grid-cols-[minmax(0,1fr)_22rem]">
      <section className="panel p-5 sm:p-8" aria-busy={!shown}>
        <News order={shown} />
        <Timeline order={shown} />
        <Connection following={following} isShown={shown !== undefined} />
        <div className="mt-6 flex flex-wrap gap-3">
          {shown?.status === 'declined' && receipt && (
            <Link href={`/restaurants/${receipt.page}`} className="button">
              Try another card
            </Link>
          )}
          {inboxUrl && (
            <a
              href={inboxLink(inboxUrl, receipt?.email)}
              className={shown?.status === 'declined' && receipt ? 'button-quiet' : 'button'}
            >
              Open the inbox
            </a>
          )}
          <AllRestaurants />
        </div>
        <Link
          href={`/how-it-works?order=${orderId}`}
          prefetch={false}
          className="mt-4 inline-flex min-h-11 items-center rounded-lg text-sm font-semibold text-brick underline-offset-4 hover:underline"
        >
          See how your order went through Kafka
        </Link>
      </section>
      <OrderDetails orderId={orderId} order={shown} />
    </div>
  )
}

/** What the order has come to; each change is said by screen readers, too. */
function News({ order }: { order: ShownOrder | undefined }) {
  const step = order && steps[order.status]
  return (
    <div role="status" aria-live="polite" aria-atomic="true">
      <h1 className="text-2xl font-extrabold tracking-tight text-balance sm:text-3xl">
        {step?.heading ?? 'Looking for the order…'}
      </h1>
      {/* As many lines as the longest one needs: what is below stays where it is. */}
      <p className="mt-2 min-h-[4lh] text-cocoa break-words sm:min-h-[2lh]">{order && step?.says(order)}</p>
    </div>
  )
}

interface ConnectionProps {
  following: Following
  isShown: boolean
}

function Connection({ following: { connection, isMissing }, isShown }: ConnectionProps) {
  const isAhead = isShown && isMissing && connection !== 'lost'
  return (
    <p
      role="status"
      className={`mt-6 min-h-[2lh] text-sm sm:min-h-[1lh] ${connection === 'lost' ? 'font-semibold text-alarm' : 'text-cocoa'}`}
    >
      {isAhead ? 'How far it is can’t be told yet. This page looks again by itself.' : words[connection]}
    </p>
  )
}

const words: Readonly<Record<Following['connection'], ReactNode>> = {
  opening: '',
  live: 'This page keeps itself up to date.',
  lost: 'The connection is lost. This page tries to get it back by itself…',
  back: 'The connection is back. This page keeps itself up to date.',
  over: 'Nothing will change here any more.',
}

function AllRestaurants() {
  return (
    <Link href="/" className="button-quiet">
      All restaurants
    </Link>
  )
}

/** The inbox of whom the mail goes to, where that is known; otherwise all of it. */
const inboxLink = (inboxUrl: string, email: string | undefined) =>
  `${inboxUrl.replace(/\/+$/, '')}/${email === undefined ? '' : `?to=${encodeURIComponent(email)}`}`
