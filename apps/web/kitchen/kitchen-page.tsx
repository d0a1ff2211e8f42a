'use client'

import { BoardTicket, KitchenSettings, QueuedResource, RestaurantSummary } from 'kafka-restaurants-contracts'
import { useSearchParams } from 'next/navigation'
import { useLocale, useTranslations } from 'next-intl'
import { type ReactNode, useMemo } from 'react'
import { useAnswer } from '../api/use-answer.ts'
import { useLiveList } from '../api/use-live-list.ts'
import { Notice } from '../parts/notice.tsx'
import { asPressed, byName, kitchensOf, type Lines, type Tickets, withLines, withTickets } from './board.ts'
import { KitchenPanel } from './kitchen-panel.tsx'
import { LiveSign } from './live-sign.tsx'
import { RestaurantFilter } from './restaurant-filter.tsx'
import { useNow } from './use-now.ts'
import { useReady } from './use-ready.ts'

const ticketList = BoardTicket.array()
const lineList = QueuedResource.array()
const restaurantList = RestaurantSummary.array()
const noTickets: Tickets = new Map()
const noLines: Lines = new Map()

export function KitchenPage({ heading }: { heading: ReactNode }) {
  const t = useTranslations('kitchen')
  const locale = useLocale()
  const restaurant = useSearchParams().get('restaurant')?.trim() || undefined
  const named = restaurant === undefined ? '' : `?restaurant=${encodeURIComponent(restaurant)}`
  const tickets = useLiveList(`/api/kitchen/tickets${named}`, ticketList, noTickets, withTickets)
  const lines = useLiveList('/api/kitchen/resources?limit=1000', lineList, noLines, withLines)
  const { pressed, failed, press } = useReady(tickets.tell)
  const now = useNow()

  const kitchens = useMemo(
    () =>
      tickets.known &&
      kitchensOf(asPressed(tickets.known, pressed), lines.known ?? noLines, restaurant, locale),
    [tickets.known, pressed, lines.known, restaurant, locale],
  )
  return (
    <>
      <div className="flex flex-wrap items-end justify-between gap-x-6 gap-y-4">
        <div>
          {heading}
          <LiveSign tickets={tickets.connection} lines={lines.connection} />
        </div>
        <Filter restaurant={restaurant} tickets={tickets.known} lines={lines.known} />
      </div>
      <Autopilot />
      {kitchens?.length === 0 && (
        <Notice
          level={2}
          heading={t('nothing.heading')}
          text={restaurant ? t('nothing.at', { restaurant }) : t('nothing.anywhere')}
        />
      )}
      <div className="mt-6 space-y-6">
        {kitchens?.map(kitchen => (
          <KitchenPanel
            key={kitchen.restaurant}
            kitchen={kitchen}
            now={now}
            failed={failed}
            onReady={orderId => void press(orderId)}
          />
        ))}
      </div>
    </>
  )
}

function Autopilot() {
  const t = useTranslations('kitchen')
  const { answer } = useAnswer('/api/kitchen/settings', KitchenSettings)
  const seconds = answer?.state === 'ready' ? answer.data.autopilotSeconds : null
  if (seconds === null) return null
  return (
    <p className="mt-6 rounded-xl border border-saffron bg-saffron/15 p-4 text-sm">
      {t.rich('autopilot', { seconds, b: chunks => <span className="font-semibold">{chunks}</span> })}
    </p>
  )
}

interface FilterProps {
  restaurant: string | undefined
  tickets: Tickets | undefined
  lines: Lines | undefined
}

/** Of all restaurants that there are, also of those without orders. */
function Filter({ restaurant, tickets = noTickets, lines = noLines }: FilterProps) {
  const locale = useLocale()
  const { answer } = useAnswer('/api/search', restaurantList)
  const names = [
    ...(answer?.state === 'ready' ? answer.data.map(({ name }) => name) : []),
    ...[...tickets.values()].map(ticket => ticket.restaurant),
    ...lines.keys(),
    ...(restaurant ? [restaurant] : []),
  ]
  const sorted = [...new Set(names)].toSorted(byName(locale))
  return <RestaurantFilter names={sorted} chosen={restaurant} />
}
