'use client'

import Link from 'next/link'
import { useLayoutEffect, useState } from 'react'
import { Notice } from '../parts/notice.tsx'
import { ownOrders } from '../track/own-orders.ts'
import { useFollowedOrder } from '../track/use-followed-order.ts'
import { BreakButtons } from './breaks.tsx'
import { HopList } from './hop-list.tsx'
import { usePipeline } from './use-pipeline.ts'
import { useRecords } from './use-records.ts'

const words = {
  heading: 'How it works',
  intro:
    'Every order is a record on a topic of Kafka. Services read it and write the next one, each at its own pace: when one is away, its lag grows, and it catches up once it is back. This is the platform as it runs now.',
  noOrder: 'Follow an order of yours',
  howToGet:
    'Order something, with a test card if you like, and come back: you see its records here, with topic, partition and offset.',
  restaurants: 'All restaurants',
  yours: 'The marked steps are those of your order',
  look: 'See the order',
  unknown: 'This order is not known yet, or was removed.',
  live: 'Live: it is looked at once a second.',
  opening: 'Looking at Kafka…',
  lost: 'Kafka can’t be looked at just now. This page tries again by itself…',
}

/** @param asked the order that the page's address names; the newest of this browser unless there is one */
export function HowItWorksPage({ asked }: { asked: string | undefined }) {
  const [orderId, setOrderId] = useState(asked)
  const [isRead, setRead] = useState(asked !== undefined)
  // The server does not know them.
  useLayoutEffect(() => {
    setOrderId(known => known ?? ownOrders()[0]?.orderId)
    setRead(true)
  }, [])
  return (
    <div className="mx-auto max-w-5xl px-4 py-8 sm:px-6 sm:py-12">
      <h1 className="text-3xl font-extrabold tracking-tight text-balance sm:text-4xl">{words.heading}</h1>
      <p className="mt-3 max-w-2xl text-cocoa">{words.intro}</p>
      {orderId && <OrderOnItsWay orderId={orderId} />}
      {isRead && !orderId && <WithoutOrder />}
      {!isRead && <Platform />}
    </div>
  )
}

function WithoutOrder() {
  return (
    <>
      <Notice level={2} heading={words.noOrder} text={words.howToGet}>
        <Link href="/" className="button">
          {words.restaurants}
        </Link>
      </Notice>
      <Platform />
    </>
  )
}

function OrderOnItsWay({ orderId }: { orderId: string }) {
  const { order, isMissing } = useFollowedOrder(orderId)
  const history = order?.history ?? []
  const records = useRecords(orderId, history.length)
  return (
    <>
      <p className="mt-4 flex flex-wrap items-center gap-x-4 text-sm">
        <span>
          {isMissing ? words.unknown : words.yours} <span className="font-mono">{orderId.slice(0, 8)}</span>.
        </span>
        <Link
          href={`/orders/${orderId}`}
          prefetch={false}
          className="flex min-h-11 items-center font-semibold text-brick underline-offset-4 hover:underline"
        >
          {words.look}
        </Link>
      </p>
      <Platform history={history} records={records} />
    </>
  )
}

function Platform({ history = [], records = [] }: Partial<Parameters<typeof HopList>[0]>) {
  const { pipeline, connection } = usePipeline()
  return (
    <>
      <p
        role="status"
        className={`mt-4 text-sm ${connection === 'lost' ? 'font-semibold text-alarm' : 'text-cocoa'}`}
      >
        {words[connection]}
      </p>
      <BreakButtons />
      <HopList pipeline={pipeline} history={history} records={records} />
    </>
  )
}
