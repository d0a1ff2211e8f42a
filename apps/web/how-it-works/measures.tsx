import type { Pipeline } from 'kafka-restaurants-contracts'
import { useLocale, useTranslations } from 'next-intl'
import { Fragment } from 'react'

type Group = Pipeline['groups'][number]
type Topic = Pipeline['topics'][number]

/** How much a group has yet to do, in numbers and as a bar. */
export function Lag({ group, topics }: { group: Group | undefined; topics: string[] }) {
  const t = useTranslations('howItWorks')
  const locale = useLocale()
  const lag = group?.lag.reduce((sum, { records }) => sum + records, 0)
  const isAway = group?.members === 0
  return (
    <div>
      <p className="text-cocoa">
        {t('reads')} <TopicNames topics={topics} />
      </p>
      <p className="mt-1 flex flex-wrap items-center gap-x-3">
        <svg
          aria-hidden="true"
          viewBox="0 0 100 6"
          preserveAspectRatio="none"
          className="h-1.5 min-w-12 flex-1 rounded-full bg-crust"
        >
          <rect width={widthOf(lag ?? 0)} height="6" className="fill-brick" />
        </svg>
        <span className="font-semibold tabular-nums">
          {t('lag', { lag: lag?.toLocaleString(locale) ?? '…' })}
        </span>
      </p>
      {isAway && <p className="mt-1 font-semibold text-alarm">{t('away')}</p>}
    </div>
  )
}

/** A name is not broken where there is room for it in the next line. */
function TopicNames({ topics }: { topics: string[] }) {
  return topics.map((topic, index) => (
    <Fragment key={topic}>
      {index > 0 && ', '}
      <bdi dir="ltr" className="inline-block max-w-full font-mono text-xs">
        {topic}
      </bdi>
    </Fragment>
  ))
}

/** Out of 100: one record is seen, and a thousand fit. */
const widthOf = (lag: number) => Math.min(100, Math.log10(1 + lag) * (100 / 3))

/** A topic, and how much is written to it. */
export function TopicRate({ name, topic }: { name: string; topic: Topic | undefined }) {
  const t = useTranslations('howItWorks')
  const locale = useLocale()
  return (
    <li className="flex flex-wrap items-baseline gap-x-2 rounded-2xl border border-edge px-3 py-1">
      <bdi dir="ltr" className="font-mono text-xs break-all">
        {name}
      </bdi>
      <span className="font-semibold tabular-nums">
        {t('rate', { rate: topic?.perSecond?.toLocaleString(locale) ?? '…' })}
      </span>
    </li>
  )
}
