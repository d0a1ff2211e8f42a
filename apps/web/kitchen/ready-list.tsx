import type { BoardTicket } from 'kafka-restaurants-contracts'
import { useLocale, useTranslations } from 'next-intl'
import { when } from '../track/when.ts'
import { shortName } from './board.ts'

/** So many are shown: what was ready long ago is gone. */
const most = 5

export function ReadyList({ restaurant, ready }: { restaurant: string; ready: BoardTicket[] }) {
  const t = useTranslations('kitchen')
  const locale = useLocale()
  const more = ready.length - most
  return (
    <>
      <ul aria-label={t('ready.at', { restaurant })} className="space-y-2">
        {ready.slice(0, most).map(({ orderId, name, readyAt }) => (
          <li key={orderId} className="flex items-center gap-3">
            <svg viewBox="0 0 32 32" className="size-7 shrink-0" aria-hidden="true">
              <circle cx="16" cy="16" r="15" className="fill-olive" />
              <path
                d="M10 16.5l4.5 4.5 8-9.5"
                className="fill-none stroke-white"
                strokeWidth="3"
                strokeLinecap="round"
                strokeLinejoin="round"
              />
            </svg>
            <span className="min-w-0 text-sm">
              <span dir="ltr" className="font-mono break-all">
                {shortName(orderId)}
              </span>
              {name && (
                <span dir="auto" className="block text-start break-words text-cocoa">
                  {name}
                </span>
              )}
            </span>
            {readyAt && (
              <time dateTime={readyAt} className="ms-auto shrink-0 text-sm text-cocoa tabular-nums">
                {when(readyAt, locale)}
              </time>
            )}
          </li>
        ))}
      </ul>
      {more > 0 && <p className="mt-2 text-sm text-cocoa">{t('more', { more })}</p>}
    </>
  )
}
