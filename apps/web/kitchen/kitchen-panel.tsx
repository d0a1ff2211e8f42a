import { useTranslations } from 'next-intl'
import { type ReactNode, useId, useRef } from 'react'
import type { Kitchen } from './board.ts'
import { Line } from './line.tsx'
import { ReadyList } from './ready-list.tsx'
import { TicketCard } from './ticket-card.tsx'

interface KitchenPanelProps {
  kitchen: Kitchen
  now: number
  /** Orders whose "ready" was not taken. */
  failed: ReadonlySet<string>
  onReady: (orderId: string) => void
}

/** One restaurant: what cooks, who waits, what is ready. */
export function KitchenPanel({ kitchen, now, failed, onReady }: KitchenPanelProps) {
  const t = useTranslations('kitchen')
  const { restaurant, cooking, waiting, ready, places } = kitchen
  const id = useId()
  const list = useRef<HTMLUListElement>(null)
  const heading = useRef<HTMLHeadingElement>(null)

  function press(orderId: string, button: HTMLButtonElement) {
    // The button goes with its ticket: whoever works by keyboard goes on with the next one.
    const buttons = [...(list.current?.querySelectorAll('button') ?? [])]
    const at = buttons.indexOf(button)
    const next = buttons[at + 1] ?? buttons[at - 1] ?? heading.current
    next?.focus({ preventScroll: true })
    onReady(orderId)
  }

  return (
    <section aria-labelledby={id} className="panel p-4 sm:p-6">
      <h2
        id={id}
        ref={heading}
        tabIndex={-1}
        className="text-xl font-bold tracking-tight break-words outline-none"
      >
        <bdi>{restaurant}</bdi>
      </h2>
      <div className="mt-4 grid gap-6 lg:grid-cols-[minmax(0,5fr)_minmax(0,2fr)_minmax(0,2fr)]">
        <Column
          title={t('cooking.title')}
          count={places === undefined ? cooking.length : t('cooking.of', { cooking: cooking.length, places })}
        >
          {cooking.length > 0 ? (
            <ul ref={list} aria-label={t('cooking.at', { restaurant })} className="grid gap-3 sm:grid-cols-2">
              {cooking.map(ticket => (
                <TicketCard
                  key={ticket.orderId}
                  ticket={ticket}
                  now={now}
                  hasFailed={failed.has(ticket.orderId)}
                  onReady={button => press(ticket.orderId, button)}
                />
              ))}
            </ul>
          ) : (
            <Nothing>{t('cooking.none')}</Nothing>
          )}
        </Column>
        <Column title={t('inLine.title')} count={waiting.length}>
          {waiting.length > 0 ? (
            <Line restaurant={restaurant} waiting={waiting} now={now} />
          ) : (
            <Nothing>{t('inLine.none')}</Nothing>
          )}
        </Column>
        <Column title={t('ready.title')} count={ready.length}>
          {ready.length > 0 ? (
            <ReadyList restaurant={restaurant} ready={ready} />
          ) : (
            <Nothing>{t('ready.none')}</Nothing>
          )}
        </Column>
      </div>
    </section>
  )
}

interface ColumnProps {
  title: string
  count: number | string
  children: ReactNode
}

const Column = ({ title, count, children }: ColumnProps) => (
  <div>
    <h3 className="mb-3 flex items-baseline gap-2 font-semibold">
      {title}
      <span className="text-sm font-normal text-cocoa tabular-nums">{count}</span>
    </h3>
    {children}
  </div>
)

const Nothing = ({ children }: { children: ReactNode }) => <p className="text-sm text-cocoa">{children}</p>
