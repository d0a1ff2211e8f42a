import type { ReactNode } from 'react'
import { CostLines, TotalLine } from '../parts/cost-lines.tsx'
import type { ShownOrder } from './shown-order.ts'

interface OrderDetailsProps {
  orderId: string
  order: ShownOrder | undefined
}

export function OrderDetails({ orderId, order }: OrderDetailsProps) {
  const { restaurant, email, cardLast4, lines = [], tip, total } = order ?? {}
  return (
    <section aria-labelledby="details-heading" className="panel p-5 sm:p-6">
      <h2 id="details-heading" className="text-xl font-bold tracking-tight">
        What was ordered
      </h2>
      <dl className="mt-4 space-y-3">
        <Fact term="Restaurant">{restaurant}</Fact>
        <Fact term="Order number">
          <span className="font-mono text-[0.8125rem] break-all">{orderId}</span>
        </Fact>
        <Fact term="Mail to">{email}</Fact>
        <Fact term="Card">{cardLast4 && `ending in ${cardLast4}`}</Fact>
      </dl>
      {lines.length > 0 && (
        <div className="mt-4 border-t border-crust pt-4">
          <CostLines lines={lines.map((line, key) => ({ key, ...line }))} />
          {tip && (
            <p className="mt-2 flex justify-between text-sm">
              <span>Tip</span>
              <span className="tabular-nums">{tip}</span>
            </p>
          )}
        </div>
      )}
      {total && <TotalLine>{total}</TotalLine>}
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
