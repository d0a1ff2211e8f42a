'use client'

import Link from 'next/link'
import { useLocale, useTranslations } from 'next-intl'
import { useEffect, useLayoutEffect, useState } from 'react'
import { forgetOrdered } from '../order/basket.ts'
import { forgetConfirmed } from '../order/order-attempt.ts'
import { findReceipt, type Receipt } from '../order/receipt.ts'
import { Notice } from '../parts/notice.tsx'
import type { Following } from './follow-order.ts'
import { OrderDetails } from './order-details.tsx'
import { orderOfReceipt, type ShownOrder, shownOrder } from './shown-order.ts'
import { says } from './steps.ts'
import { Timeline } from './timeline.tsx'
import { useFollowedOrder } from './use-followed-order.ts'

interface OrderPageProps {
  orderId: string
  /** Where the demo's mails can be read; none where real mail is sent. */
  inboxUrl?: string
}

/** An order, for whoever has its address. The tab that has placed it knows of it before tracking does. */
export function OrderPage({ orderId, inboxUrl }: OrderPageProps) {
  const t = useTranslations('order')
  const locale = useLocale()
  const following = useFollowedOrder(orderId)
  const [receipt, setReceipt] = useState<Receipt>()
  // Before anything is drawn: the page of an order that was just placed begins as that.
  useLayoutEffect(() => {
    const found = findReceipt(orderId)
    setReceipt(found)
    if (found) forgetConfirmed(found)
  }, [orderId])

  const { order, isMissing, connection } = following
  const shown = order ? shownOrder(order, receipt, locale) : receipt && orderOfReceipt(receipt)
  const isPaid = order && order.status !== 'placed' && order.status !== 'declined'
  useEffect(() => {
    if (isPaid && receipt) forgetOrdered(receipt)
  }, [isPaid, receipt])
  if (!shown && isMissing) {
    return (
      <Notice role="status" heading={t('missing.heading')} text={t('missing.text')}>
        <AllRestaurants />
      </Notice>
    )
  }
  if (!shown && connection === 'lost') {
    return (
      <Notice role="alert" heading={t('unreachable.heading')} text={t('unreachable.text')}>
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
              {t('anotherCard')}
            </Link>
          )}
          {inboxUrl && (
            <a
              href={inboxLink(inboxUrl, receipt?.email)}
              className={shown?.status === 'declined' && receipt ? 'button-quiet' : 'button'}
            >
              {t('inbox')}
            </a>
          )}
          <AllRestaurants />
        </div>
        <Link
          href={`/how-it-works?order=${orderId}`}
          prefetch={false}
          className="mt-4 inline-flex min-h-11 items-center rounded-lg text-sm font-semibold text-brick underline-offset-4 hover:underline"
        >
          {t('throughKafka')}
        </Link>
      </section>
      <OrderDetails orderId={orderId} order={shown} />
    </div>
  )
}

/** What the order has come to; each change is said by screen readers, too. */
function News({ order }: { order: ShownOrder | undefined }) {
  const t = useTranslations('order')
  const status = useTranslations('status')
  const locale = useLocale()
  return (
    <div role="status" aria-live="polite" aria-atomic="true">
      <h1 className="text-2xl font-extrabold tracking-tight text-balance sm:text-3xl">
        {order ? status(`${order.status}.heading`) : t('looking')}
      </h1>
      {/* As many lines as the longest one needs: what is below stays where it is. */}
      <p className="mt-2 min-h-[4lh] text-cocoa break-words sm:min-h-[2lh]">
        {order && says(order, status, locale)}
      </p>
    </div>
  )
}

interface ConnectionProps {
  following: Following
  isShown: boolean
}

function Connection({ following: { connection, isMissing }, isShown }: ConnectionProps) {
  const t = useTranslations('order')
  const isAhead = isShown && isMissing && connection !== 'lost'
  return (
    <p
      role="status"
      className={`mt-6 min-h-[2lh] text-sm sm:min-h-[1lh] ${connection === 'lost' ? 'font-semibold text-alarm' : 'text-cocoa'}`}
    >
      {isAhead ? t('isAhead') : connection !== 'opening' && t(`connection.${connection}`)}
    </p>
  )
}

function AllRestaurants() {
  const t = useTranslations('site')
  return (
    <Link href="/" className="button-quiet">
      {t('allRestaurants')}
    </Link>
  )
}

/** The inbox of whom the mail goes to, where that is known; otherwise all of it. */
const inboxLink = (inboxUrl: string, email: string | undefined) =>
  `${inboxUrl.replace(/\/+$/, '')}/${email === undefined ? '' : `?to=${encodeURIComponent(email)}`}`
