import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { CostLines, TotalLine } from '../parts/cost-lines.tsx'
import type { ShownOrder } from './shown-order.ts'

interface OrderDetailsProps {
  orderId: string
  order: ShownOrder | undefined
}

export function OrderDetails({ orderId, order }: OrderDetailsProps) {
  const t = useTranslations('order.details')
  const { restaurant, email, cardLast4, lines = [], tip, total } = order ?? {}
  return (
    <section aria-labelledby="details-heading" className="panel p-5 sm:p-6">
      <h2 id="details-heading" className="text-xl font-bold tracking-tight">
        {t('heading')}
      </h2>
      <dl className="mt-4 space-y-3">
        <Fact term={t('restaurant')}>{restaurant && <bdi>{restaurant}</bdi>}</Fact>
        <Fact term={t('number')}>
          <span dir="ltr" className="font-mono text-[0.8125rem] break-all">
            {orderId}
          </span>
        </Fact>
        <Fact term={t('mail')}>{email && <bdi>{email}</bdi>}</Fact>
        <Fact term={t('card')}>{cardLast4 && t('ending', { card: cardLast4 })}</Fact>
      </dl>
      {lines.length > 0 && (
        <div className="mt-4 border-t border-crust pt-4">
          <CostLines lines={lines.map((line, key) => ({ key, ...line }))} />
          {tip && (
            <p className="mt-2 flex justify-between text-sm">
              <span>{t('tip')}</span>
              <span className="tabular-nums">{tip}</span>
            </p>
          )}
        </div>
      )}
      {total && <TotalLine label={t('total')}>{total}</TotalLine>}
    </section>
  )
}

/** What is not known yet keeps its place; what is empty has none. */
function Fact({ term, children }: { term: string; children: ReactNode }) {
  if (children === '') return null
  return (
    <div>
      <dt className="text-sm text-cocoa">{term}</dt>
      <dd className="min-h-[1lh] font-semibold break-words">{children}</dd>
    </div>
  )
}
