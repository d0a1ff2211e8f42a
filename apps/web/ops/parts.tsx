import type { DeadLetterAct } from 'kafka-restaurants-contracts'
import Link from 'next/link'
import { useLocale, useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { Notice } from '../parts/notice.tsx'
import { when } from '../track/when.ts'

/** All pages of the desk. */
export const DeskPage = ({ children }: { children: ReactNode }) => (
  <div className="mx-auto max-w-4xl px-4 py-8 sm:px-6 sm:py-10">{children}</div>
)

export const linkLook =
  'inline-flex min-h-11 min-w-11 items-center rounded-lg font-semibold text-brick underline-offset-4 hover:underline'

export function AllLetters() {
  const t = useTranslations('ops')
  return (
    <Link href="/ops" prefetch={false} className={linkLook}>
      {t('all')}
    </Link>
  )
}

/** Where the desk, or what was asked of it, is not there. */
export function NotThere({ what }: { what: 'away' | 'gone' | 'missing' }) {
  const t = useTranslations()
  return (
    <Notice
      role={what === 'away' ? 'alert' : undefined}
      heading={t(`ops.${what}.heading`)}
      text={t(`ops.${what}.text`)}
    >
      {what === 'away' && (
        // biome-ignore lint/a11y/useValidAnchor: the address that it is shown at, with its query, whatever that is
        <a href="" className="button">
          {t('site.tryAgain')}
        </a>
      )}
      <Link href="/ops" prefetch={false} className="button-quiet">
        {t('ops.all')}
      </Link>
    </Notice>
  )
}

/** A server does not know where its reader is. */
export function Moment({ at, since }: { at: string; since?: boolean }) {
  const t = useTranslations('ops')
  const locale = useLocale()
  if (Number.isNaN(Date.parse(at))) return null
  const time = t('utc', { time: when(at, locale, new Date(), 'UTC') })
  return (
    <time dateTime={at} className="tabular-nums">
      {since ? t('since', { time }) : time}
    </time>
  )
}

/** What a worker or Kafka said, in its own words. */
export function Reason({ text }: { text: string }) {
  const t = useTranslations('ops')
  if (text === '') return t('noReason')
  return (
    <span dir="ltr" lang="en" className="wrap-anywhere">
      {text}
    </span>
  )
}

/** What came of what was pressed, or why nothing did. */
export function Outcome({ done, failed }: { done: DeadLetterAct | undefined; failed: string | undefined }) {
  const t = useTranslations('ops')
  const failure = failed === 'gone' || failed === 'away' ? t(`failed.${failed}`) : undefined
  if (!done && !failure) return null
  const isBad = !done || done.done === 0
  const said = done ? t(`outcome.${done.act}`, { done: done.done, left: done.left }) : failure
  return (
    <div
      role={isBad ? 'alert' : 'status'}
      className={`mt-6 rounded-xl border-2 p-4 ${isBad ? 'border-alarm bg-red-50' : 'border-olive bg-olive/10'}`}
    >
      <p className="font-semibold">{said}</p>
      {done?.refused.map(({ why, count, ids }) => (
        <div key={why} className="mt-2 text-sm">
          <p>
            {t('outcome.refused', { count })} · <Reason text={why} />
          </p>
          {count > 1 && (
            <p dir="ltr" className="font-mono wrap-anywhere">
              {ids.join(', ')}
              {ids.length < count && '…'}
            </p>
          )}
        </div>
      ))}
    </div>
  )
}
