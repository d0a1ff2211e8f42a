import { money } from 'kafka-restaurants-contracts'
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
        <ul className="space-y-2 text-sm">
          {lines.map(({ dish, quantity, cents }) => (
            <li key={dish.id} className="flex justify-between gap-4">
              <span>
                <span className="font-semibold tabular-nums">{quantity} ×</span> {dish.name}
              </span>
              <span className="tabular-nums">{money(cents, currency)}</span>
            </li>
          ))}
        </ul>
      )}
      {error && (
        <p id="items-error" className="mt-2 text-sm font-medium text-alarm">
          {error}
        </p>
      )}
      <p className="mt-4 flex justify-between border-t border-crust pt-4 text-lg font-bold">
        <span>Total</span>
        <output aria-label="Total" className="tabular-nums">
          {total}
        </output>
      </p>
    </div>
  )
}
