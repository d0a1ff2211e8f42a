import type { DeadLetterRecord } from 'kafka-restaurants-contracts'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { ActForm } from './act-form.tsx'
import { AllLetters, DeskPage, linkLook, Moment, Reason } from './parts.tsx'

/** One record in full, with what is personal hidden, and what can be done with it. */
export function LetterPage({ letter, outcome }: { letter: DeadLetterRecord; outcome: ReactNode }) {
  const t = useTranslations('ops')
  const { id, group, reason, state } = letter
  return (
    <DeskPage>
      <p className="flex flex-wrap gap-x-6">
        <AllLetters />
        {group && (
          <Link href={`/ops/groups/${group}`} prefetch={false} className={linkLook}>
            <Reason text={reason.length > 60 ? `${reason.slice(0, 60)}…` : reason} />
          </Link>
        )}
      </p>
      <h1 dir="ltr" className="mt-2 font-mono text-xl font-bold wrap-anywhere">
        {id}
      </h1>
      <p className="mt-2 font-semibold">{t(`state.${state}`)}</p>
      {outcome}
      {state === 'open' && (
        <div className="mt-6 flex flex-wrap gap-3">
          <ActForm act="redrive" choice={{ id }} label={t('redrive')} />
          <ActForm act="park" choice={{ id }} label={t('park')} isQuiet />
        </div>
      )}
      <Facts letter={letter} />
      <Value value={letter.value} />
      <Headers headers={letter.headers} />
    </DeskPage>
  )
}

function Facts({ letter }: { letter: DeadLetterRecord }) {
  const t = useTranslations('ops.record')
  const facts: [string, ReactNode][] = [
    [t('reason'), <Reason key="reason" text={letter.reason} />],
    [t('source'), <Code key="source">{letter.source}</Code>],
    [t('at'), <Moment key="at" at={letter.at} />],
    [t('worker'), <Code key="worker">{letter.worker}</Code>],
    [t('attempts'), letter.attempts],
    [t('redriven'), letter.redriven],
    ...(letter.cut ? [[t('cut'), <Reason key="cut" text={letter.cut} />] satisfies [string, ReactNode]] : []),
    [t('key'), letter.key === null ? t('none') : <Code key="key">{letter.key}</Code>],
  ]
  return (
    <dl className="panel mt-6 grid gap-x-6 gap-y-2 p-4 sm:grid-cols-[max-content_minmax(0,1fr)]">
      {facts.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="font-semibold text-cocoa">{name}</dt>
          <dd className="min-w-0 wrap-anywhere max-sm:mb-2">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function Value({ value: { kind, bytes, shown, left } }: { value: DeadLetterRecord['value'] }) {
  const t = useTranslations('ops')
  return (
    <section aria-labelledby="value" className="mt-8">
      <h2 id="value" className="text-xl font-bold tracking-tight">
        {t('record.value')}
      </h2>
      <p className="mt-1 text-sm text-cocoa">
        {kind === 'none' ? t('record.none') : t('record.bytes', { count: bytes })}. {t('hidden')}
      </p>
      {kind !== 'none' && (
        <pre
          dir="ltr"
          className="mt-3 rounded-xl bg-linen p-4 font-mono text-sm whitespace-pre-wrap wrap-anywhere"
        >
          {shown}
        </pre>
      )}
      {left > 0 && <p className="mt-2 text-sm text-cocoa">{t('record.left', { count: left })}</p>}
    </section>
  )
}

function Headers({ headers }: { headers: DeadLetterRecord['headers'] }) {
  const t = useTranslations('ops.record')
  if (headers.length === 0) return null
  return (
    <section aria-labelledby="headers" className="mt-8">
      <h2 id="headers" className="text-xl font-bold tracking-tight">
        {t('headers')}
      </h2>
      <dl dir="ltr" className="mt-3 space-y-2 font-mono text-sm">
        {headers.map(({ name, value }, index) => (
          // A header may be there twice.
          // biome-ignore lint/suspicious/noArrayIndexKey: a record's headers never change
          <div key={index} className="border-t border-crust pt-2">
            <dt className="font-semibold wrap-anywhere">{name}</dt>
            <dd className="wrap-anywhere text-cocoa">{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

const Code = ({ children }: { children: ReactNode }) => (
  <span dir="ltr" className="font-mono wrap-anywhere">
    {children}
  </span>
)
