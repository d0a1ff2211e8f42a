import type { QueuedResource } from 'kafka-restaurants-contracts'
import { useTranslations } from 'next-intl'
import { ageOf } from './age.ts'
import { shortName } from './board.ts'

interface LineProps {
  restaurant: string
  waiting: QueuedResource['queued']
  now: number
}

/** So many are shown: a kitchen looks at the next ones. */
const most = 8

/** Who waits until a place is free, by their places. */
export function Line({ restaurant, waiting, now }: LineProps) {
  const t = useTranslations('kitchen')
  const more = waiting.length - most
  return (
    <>
      <ol aria-label={t('inLine.at', { restaurant })} className="space-y-2">
        {waiting.slice(0, most).map(({ id, place, requestedAt }) => (
          <li key={id} className="flex flex-wrap items-center gap-x-3">
            <span className="grid h-7 min-w-7 place-items-center rounded-full bg-linen px-1.5 text-sm font-bold tabular-nums">
              {place}
            </span>
            <span dir="ltr" className="font-mono text-sm break-all">
              {shortName(id)}
            </span>
            <span className="ms-auto shrink-0 text-sm text-cocoa tabular-nums">
              {t('inLine.since', { age: ageOf(requestedAt, now, t).text })}
            </span>
          </li>
        ))}
      </ol>
      {more > 0 && <p className="mt-2 text-sm text-cocoa">{t('more', { more })}</p>}
    </>
  )
}
