import { useLocale, useTranslations } from 'next-intl'
import type { ShownOrder } from './shown-order.ts'
import { type Mark, timeline } from './steps.ts'
import { when } from './when.ts'

/** What the order has come to, from the first step down. */
export function Timeline({ order }: { order: ShownOrder | undefined }) {
  const t = useTranslations('order')
  const status = useTranslations('status')
  const locale = useLocale()
  if (!order) return <div className="mt-6 h-70" />
  const rows = timeline(order, status)
  const hasFailed = rows.some(({ mark }) => mark === 'failed')
  return (
    // With room for what comes, so that what is below stays where it is.
    <ol aria-label={t('progress')} className={`mt-6 ${hasFailed ? '' : 'min-h-70'}`}>
      {rows.map(({ title, comes, at, mark }, index) => (
        <li
          // A step that was awaited is the same one once it is reached.
          // biome-ignore lint/suspicious/noArrayIndexKey: so it is drawn in its place
          key={index}
          aria-current={index === rows.length - 1 ? 'step' : undefined}
          className="relative flex min-h-14 items-start gap-4 not-last:before:absolute not-last:before:top-8 not-last:before:bottom-0 not-last:before:start-[0.9375rem] not-last:before:w-0.5 not-last:before:bg-crust"
        >
          <Sign mark={mark} />
          <span className={`pt-1 font-semibold ${colors[mark]}`}>
            {title}
            {comes && <span className="font-normal"> {comes}</span>}
          </span>
          {at && (
            <time dateTime={at} className="ms-auto shrink-0 pt-1.5 text-sm text-cocoa tabular-nums">
              {when(at, locale)}
            </time>
          )}
        </li>
      ))}
    </ol>
  )
}

const colors: Readonly<Record<Mark, string>> = { done: '', failed: 'text-alarm', awaited: 'text-cocoa' }

const signs: Readonly<Record<Mark, { fill: string; path: string }>> = {
  done: { fill: 'fill-olive', path: 'M10 16.5l4.5 4.5 8-9.5' },
  failed: { fill: 'fill-alarm', path: 'M11 11l10 10M21 11l-10 10' },
  awaited: { fill: 'fill-crust', path: '' },
}

function Sign({ mark }: { mark: Mark }) {
  const { fill, path } = signs[mark]
  return (
    <svg viewBox="0 0 32 32" className="size-8 shrink-0" aria-hidden="true">
      <circle cx="16" cy="16" r="15" className={fill} />
      {mark === 'awaited' ? (
        <circle cx="16" cy="16" r="6" className="fill-white motion-safe:animate-pulse" />
      ) : (
        <path
          d={path}
          className="fill-none stroke-white"
          strokeWidth="3"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      )}
    </svg>
  )
}
