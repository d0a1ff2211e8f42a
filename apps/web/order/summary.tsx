import { money } from 'kafka-restaurants-contracts'
import { CostLines, TotalLine } from '../parts/cost-lines.tsx'
import type { CartLine } from './cart.ts'

interface SummaryProps {
  lines: CartLine[]
  currency: string
  total: string
  error?: string
}

export function Summary({ lines, currency, total, error }: SummaryProps) {
  return (
    <div className="mt-4">
      {lines.length === 0 ? (
        <p className="text-cocoa">Nothing chosen yet.</p>
      ) : (
        <CostLines
          lines={lines.map(({ dish: { id, name }, quantity, cents }) => ({
            key: id,
            name,
            quantity,
            cost: money(cents, currency),
          }))}
        />
      )}
      {error && (
        <p id="items-error" className="mt-2 text-sm font-medium text-alarm">
          {error}
        </p>
      )}
      <TotalLine>
        <output aria-label="Total">{total}</output>
      </TotalLine>
    </div>
  )
}
