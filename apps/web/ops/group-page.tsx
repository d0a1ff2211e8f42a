import { type DeadLetterAct, type DeadLetterList, parkedTopic } from 'kafka-restaurants-contracts'
import Link from 'next/link'
import { useLocale, useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { ActForm } from './act-form.tsx'
import { AllLetters, DeskPage, linkLook, Moment, Reason } from './parts.tsx'

/** How many may be dealt with at once; the first is what is chosen where nobody chooses. */
const caps = [100, 10, 500, 1_000]

interface GroupPageProps {
  list: DeadLetterList
  /** What is to be confirmed, and of how many, as the address says. */
  ask: string | undefined
  most: string | undefined
  /** Whether the list begins with its oldest. */
  isFirst: boolean
  outcome: ReactNode
}

/** The dead letters of a topic and reason, and what can be done with many of them at once. */
export function GroupPage({ list, ask, most, isFirst, outcome }: GroupPageProps) {
  const t = useTranslations('ops')
  const { group, letters, next } = list
  const { id, topic, reason, count } = group
  const asked = ask === 'redrive' || ask === 'park' ? ask : undefined
  const cap = caps.find(each => String(each) === most) ?? caps[0] ?? 1
  return (
    <DeskPage>
      <AllLetters />
      <h1 className="mt-2 text-2xl font-extrabold tracking-tight wrap-anywhere">
        <Reason text={reason} />
      </h1>
      <p className="mt-2 flex flex-wrap gap-x-4 text-cocoa">
        <span dir="ltr" className="font-mono wrap-anywhere">
          {topic}
        </span>
        <span className="tabular-nums">{t('total', { count })}</span>
      </p>
      {outcome}
      {asked ? <Confirm act={asked} group={group} most={cap} /> : <Choose cap={cap} />}
      <section aria-labelledby="letters" className="mt-8">
        <h2 id="letters" className="text-xl font-bold tracking-tight">
          {t('list')}
        </h2>
        <ul className="mt-2">
          {letters.map(letter => (
            <LetterRow key={letter.id} letter={letter} />
          ))}
        </ul>
        <p className="mt-4 flex flex-wrap gap-3">
          {!isFirst && (
            <a href={`/ops/groups/${id}`} className={linkLook}>
              {t('first')}
            </a>
          )}
          {next && (
            <a href={`/ops/groups/${id}?after=${encodeURIComponent(next)}`} className={linkLook}>
              {t('next')}
            </a>
          )}
        </p>
      </section>
    </DeskPage>
  )
}

/** A form that asks for this page again, with the question to be confirmed. */
function Choose({ cap }: { cap: number }) {
  const t = useTranslations('ops')
  const locale = useLocale()
  return (
    <form className="panel mt-6 flex flex-wrap items-end gap-3 p-4">
      <div className="w-full sm:w-64">
        <label htmlFor="most" className="field-label">
          {t('most')}
        </label>
        <select id="most" name="most" defaultValue={cap} className="field">
          {caps
            .toSorted((a, b) => a - b)
            .map(each => (
              <option key={each} value={each}>
                {each.toLocaleString(locale)}
              </option>
            ))}
        </select>
      </div>
      <button type="submit" name="ask" value="redrive" className="button max-sm:w-full">
        {t('redriveSome')}
      </button>
      <button type="submit" name="ask" value="park" className="button-quiet max-sm:w-full">
        {t('parkSome')}
      </button>
    </form>
  )
}

interface ConfirmProps {
  act: DeadLetterAct['act']
  group: DeadLetterList['group']
  most: number
}

function Confirm({ act, group: { id, topic, count }, most }: ConfirmProps) {
  const t = useTranslations('ops')
  const isRedrive = act === 'redrive'
  const numbers = { most: Math.min(most, count), count }
  return (
    <section aria-labelledby="confirm" className="mt-6 rounded-xl border-2 border-saffron bg-saffron/15 p-4">
      <h2 id="confirm" className="text-lg font-bold">
        {isRedrive ? t('confirm.redrive', { ...numbers, topic }) : t('confirm.park', numbers)}
      </h2>
      <p className="mt-1">
        {isRedrive ? t('confirm.redriveText') : t('confirm.parkText', { topic: parkedTopic(topic) })}
      </p>
      <div className="mt-4 flex flex-wrap gap-3">
        <ActForm
          act={act}
          choice={{ group: id, most }}
          label={t(isRedrive ? 'confirm.yesRedrive' : 'confirm.yesPark')}
        />
        <a href={`/ops/groups/${id}?most=${most}`} className="button-quiet max-sm:w-full">
          {t('confirm.no')}
        </a>
      </div>
    </section>
  )
}

function LetterRow({ letter }: { letter: DeadLetterList['letters'][number] }) {
  const t = useTranslations('ops')
  const { id, at, source, attempts, redriven, isWhole } = letter
  return (
    <li className="border-t border-crust py-2">
      <Link href={`/ops/letters/${encodeURIComponent(id)}`} prefetch={false} className={linkLook}>
        <span dir="ltr" className="font-mono wrap-anywhere">
          {id}
        </span>
      </Link>
      <p className="flex flex-wrap gap-x-3 text-sm text-cocoa">
        <Moment at={at} />
        {source && (
          <span className="wrap-anywhere">
            {t.rich('from', { source, s: place => <bdi className="font-mono">{place}</bdi> })}
          </span>
        )}
        <span>{t('tries', { count: attempts })}</span>
        {redriven > 0 && <span>{t('redriven', { count: redriven })}</span>}
        {!isWhole && <span className="font-semibold text-alarm">{t('notWhole')}</span>}
      </p>
    </li>
  )
}
