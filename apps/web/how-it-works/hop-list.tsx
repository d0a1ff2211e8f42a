import type { Locale, OrderChange, OrderRecord, Pipeline } from 'kafka-restaurants-contracts'
import { useLocale, useTranslations } from 'next-intl'
import excerpts from './excerpts.json'
import { type Hop, hops } from './hops.ts'
import { Lag, TopicRate } from './measures.tsx'

interface HopListProps {
  pipeline: Pipeline | undefined
  /** What an order has come to; nothing without one. */
  history: OrderChange[]
  records: OrderRecord[]
}

/** The pipeline from the first step to the last, with an order on its way. */
export function HopList({ pipeline, history, records }: HopListProps) {
  const t = useTranslations('howItWorks')
  const latest = history.at(-1)?.status
  return (
    <ol aria-label={t('list')} className="mt-4">
      {hops.map(hop => {
        const changes = history.filter(({ status }) => hop.statuses.includes(status))
        const isHere = latest !== undefined && hop.statuses.includes(latest)
        return (
          <li
            key={hop.code}
            aria-current={isHere ? 'step' : undefined}
            className="relative ms-2 border-s-2 border-crust ps-4 pb-5 last:border-transparent sm:ms-4 sm:ps-8"
          >
            <Dot
              isPassed={changes.length > 0 || (hop.tells === true && history.length > 0)}
              isHere={isHere}
            />
            <article className={`panel min-w-0 p-4 sm:p-5 ${isHere ? 'border-brick' : ''}`}>
              <div className="grid grid-cols-[minmax(0,1fr)] gap-4 md:grid-cols-[minmax(0,1fr)_18rem] md:gap-8">
                <Service hop={hop} />
                <Measures hop={hop} pipeline={pipeline} />
              </div>
              {changes.map(change => (
                <Stop key={change.status} change={change} />
              ))}
              <Details hop={hop} records={records} changes={changes} />
            </article>
          </li>
        )
      })}
    </ol>
  )
}

function Dot({ isPassed, isHere }: { isPassed: boolean; isHere: boolean }) {
  const color = isPassed ? 'border-brick bg-brick' : 'border-edge bg-cream'
  return (
    <span
      aria-hidden="true"
      className={`absolute -start-2.25 top-5 size-4 rounded-full border-2 ${color} ${isHere ? 'ring-4 ring-saffron motion-safe:animate-pulse' : ''}`}
    />
  )
}

function Service({ hop: { code, service } }: { hop: Hop }) {
  const t = useTranslations('howItWorks')
  return (
    <div>
      <h2 className="text-lg font-bold">{t(`hops.${code}.name`)}</h2>
      <p className="font-mono text-sm text-cocoa">
        <bdi dir="ltr">{service}</bdi>
      </p>
      <p className="mt-2 text-sm">{t(`hops.${code}.does`)}</p>
    </div>
  )
}

function Measures({ hop: { group, reads, writes }, pipeline }: { hop: Hop; pipeline: Pipeline | undefined }) {
  const t = useTranslations('howItWorks')
  const read = pipeline?.groups.find(({ name }) => name === group)
  return (
    <div className="space-y-3 text-sm">
      {group && <Lag group={read} topics={reads} />}
      {writes.length > 0 && (
        <ul aria-label={t('writes')} className="flex flex-wrap items-baseline gap-2">
          <li aria-hidden="true" className="text-cocoa">
            {t('writes')}
          </li>
          {writes.map(topic => (
            <TopicRate key={topic} name={topic} topic={pipeline?.topics.find(({ name }) => name === topic)} />
          ))}
        </ul>
      )}
    </div>
  )
}

/** Where the order came by. */
function Stop({ change: { status, at, topic, partition, offset } }: { change: OrderChange }) {
  const statusTexts = useTranslations('status')
  const locale = useLocale()
  return (
    <p className="mt-3 rounded-lg bg-linen px-3 py-2 text-sm tabular-nums">
      <span className="font-semibold">{statusTexts(`${status}.title`)}</span>{' '}
      <time dateTime={at}>{timeOf(at, locale)}</time>
      <span className="block font-mono text-xs text-cocoa sm:ms-3 sm:inline">
        <bdi dir="ltr">{`${topic}, partition ${partition}, offset ${offset}`}</bdi>
      </span>
    </p>
  )
}

interface DetailsProps {
  hop: Hop
  records: OrderRecord[]
  changes: OrderChange[]
}

function Details({ hop, records, changes }: DetailsProps) {
  const t = useTranslations('howItWorks')
  const { file, line, code } = excerpts[hop.code]
  return (
    <details className="group mt-3 -mb-2">
      <summary className="flex min-h-11 w-fit cursor-pointer items-center gap-2 rounded-lg text-sm font-semibold text-brick underline-offset-4 hover:underline">
        <span
          aria-hidden="true"
          className="transition-transform group-open:rotate-90 rtl:-scale-x-100 rtl:group-open:-rotate-90"
        >
          ▸
        </span>
        {t(changes.length > 0 ? 'details' : 'code')}
      </summary>
      {changes.map(change => (
        <RecordText
          key={change.status}
          change={change}
          record={records.find(({ status }) => status === change.status)}
        />
      ))}
      <p className="mt-3 font-mono text-xs text-cocoa" dir="ltr">
        {file}:{line}
      </p>
      <Text label={t('codeOf', { name: t(`hops.${hop.code}.name`) })}>{code}</Text>
    </details>
  )
}

function RecordText({ change, record }: { change: OrderChange; record: OrderRecord | undefined }) {
  const t = useTranslations('howItWorks')
  const statusTexts = useTranslations('status')
  if (!record || record.isGone)
    return <p className="mt-2 text-sm text-cocoa">{t(record ? 'gone' : 'loading')}</p>
  return (
    <>
      <p className="mt-2 text-sm text-cocoa">{t('hidden')}</p>
      <Text label={t('recordOf', { title: statusTexts(`${change.status}.title`) })}>
        {JSON.stringify(record.value, null, 2)}
      </Text>
    </>
  )
}

/** Scrolls by itself, also by keyboard, where it is wider than the page. */
function Text({ label, children }: { label: string; children: string | undefined }) {
  return (
    <section
      // biome-ignore lint/a11y/noNoninteractiveTabindex: else who has no mouse could not scroll it
      tabIndex={0}
      aria-label={label}
      dir="ltr"
      className="mt-1 max-h-96 overflow-auto rounded-lg border border-crust bg-cream p-3"
    >
      <pre className="w-max font-mono text-xs leading-relaxed">{children}</pre>
    </section>
  )
}

/** To the millisecond: between two steps there are few. */
const timeOf = (at: string, locale: Locale) =>
  new Date(at).toLocaleTimeString(locale, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
    hourCycle: 'h23',
  })
