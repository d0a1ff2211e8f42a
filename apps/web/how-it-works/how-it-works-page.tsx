'use client'

import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { useLayoutEffect, useState } from 'react'
import { Notice } from '../parts/notice.tsx'
import { ownOrders } from '../track/own-orders.ts'
import { useFollowedOrder } from '../track/use-followed-order.ts'
import { BreakButtons } from './breaks.tsx'
import { HopList } from './hop-list.tsx'
import { usePipeline } from './use-pipeline.ts'
import { useRecords } from './use-records.ts'

/** @param asked the order that the page's address names; the newest of this browser unless there is one */
export function HowItWorksPage({ asked }: { asked: string | undefined }) {
  const t = useTranslations('howItWorks')
  const [orderId, setOrderId] = useState(asked)
  const [isRead, setRead] = useState(asked !== undefined)
  // The server does not know them.
  useLayoutEffect(() => {
    setOrderId(known => known ?? ownOrders()[0]?.orderId)
    setRead(true)
  }, [])
  return (
    <div className="mx-auto max-w-5xl px-4 py-8 sm:px-6 sm:py-12">
      <h1 className="text-3xl font-extrabold tracking-tight text-balance sm:text-4xl">{t('heading')}</h1>
      <p className="mt-3 max-w-2xl text-cocoa">{t('intro')}</p>
      {orderId && <OrderOnItsWay orderId={orderId} />}
      {isRead && !orderId && <WithoutOrder />}
      {!isRead && <Platform />}
    </div>
  )
}

function WithoutOrder() {
  const t = useTranslations('howItWorks')
  const site = useTranslations('site')
  return (
    <>
      <Notice level={2} heading={t('noOrder')} text={t('howToGet')}>
        <Link href="/" className="button">
          {site('allRestaurants')}
        </Link>
      </Notice>
      <Platform />
    </>
  )
}

function OrderOnItsWay({ orderId }: { orderId: string }) {
  const t = useTranslations('howItWorks')
  const { order, isMissing } = useFollowedOrder(orderId)
  const history = order?.history ?? []
  const records = useRecords(orderId, history.length)
  return (
    <>
      <p className="mt-4 flex flex-wrap items-center gap-x-4 text-sm">
        <span>
          {t.rich(isMissing ? 'unknown' : 'yours', {
            order: orderId.slice(0, 8),
            code: id => (
              <bdi dir="ltr" className="font-mono">
                {id}
              </bdi>
            ),
          })}
        </span>
        <Link
          href={`/orders/${orderId}`}
          prefetch={false}
          className="flex min-h-11 items-center font-semibold text-brick underline-offset-4 hover:underline"
        >
          {t('look')}
        </Link>
      </p>
      <Platform history={history} records={records} />
    </>
  )
}

function Platform({ history = [], records = [] }: Partial<Parameters<typeof HopList>[0]>) {
  const t = useTranslations('howItWorks')
  const { pipeline, connection } = usePipeline()
  return (
    <>
      <p
        role="status"
        className={`mt-4 text-sm ${connection === 'lost' ? 'font-semibold text-alarm' : 'text-cocoa'}`}
      >
        {t(connection)}
      </p>
      <BreakButtons />
      <HopList pipeline={pipeline} history={history} records={records} />
    </>
  )
}
