import { money, type Problem, type Total } from 'kafka-restaurants-contracts'
import { useLocale, useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { apiWords } from './api-words.tsx'
import { problemErrors } from './order-fields.ts'
import type { OrderState } from './use-order.ts'

interface OutcomeProps {
  state: OrderState
  /** Sends the order again that has had no answer. */
  onAgain: () => void
  /** Sends this order besides it. */
  onBesides: () => void
}

/** What came of the last try, where it is not about one field. */
export function Outcome({ state, onAgain, onBesides }: OutcomeProps) {
  const t = useTranslations('checkout')
  const locale = useLocale()
  const inWords = ({ amountCents, currency }: Total) => money(amountCents, currency, locale)
  switch (state.step) {
    case 'filling':
    case 'sending':
      return null
    case 'not-taken':
      return <Told heading={t('notTaken')}>{t('tryAgain')}</Told>
    case 'unanswered':
      return <Told heading={t('unanswered')}>{t('tryAgain')}</Told>
    case 'repriced':
      return (
        <Told heading={t('repriced.heading')}>
          {t('repriced.text', { seen: inWords(state.seen), now: inWords(state.now) })}
        </Told>
      )
    case 'other-open':
      return (
        <Told heading={t('earlier.heading')}>
          {t('earlier.text')}
          <span className="mt-3 flex flex-wrap gap-2">
            {state.other.body && (
              <button type="button" className="button-quiet" onClick={onAgain}>
                {t('earlier.again')}
              </button>
            )}
            <button type="button" className="button-quiet" onClick={onBesides}>
              {t('earlier.besides')}
            </button>
          </span>
        </Told>
      )
    case 'faulty':
      return <Refused problem={state.problem} open={state.open} />
  }
}

function Refused({ problem, open }: { problem: Problem; open: boolean }) {
  const t = useTranslations('checkout.refused')
  const { title, detail, status } = problem
  const words = detail ? `${title}: ${detail}` : title
  return (
    <div role="alert" className="text-sm font-medium text-alarm">
      <p>{words ? t.rich('order', { status: String(status), words, api: apiWords }) : t('plainly')}</p>
      {problemErrors(problem).form?.map(message => (
        <p key={message}>{apiWords(message)}</p>
      ))}
      {open && <p>{t('open')}</p>}
    </div>
  )
}

function Told({ heading, children }: { heading: string; children: ReactNode }) {
  return (
    <div role="alert" className="rounded-xl border border-saffron bg-saffron/15 p-4 text-sm">
      <p className="font-semibold">{heading}</p>
      <p className="mt-1">{children}</p>
    </div>
  )
}
