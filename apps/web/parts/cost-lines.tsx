import type { ReactNode } from 'react'

interface CostLine {
  key: string | number
  name: string
  quantity: number
  cost: string
}

/** What was chosen, and what each comes to. */
export function CostLines({ lines }: { lines: CostLine[] }) {
  return (
    <ul className="space-y-2 text-sm">
      {lines.map(({ key, name, quantity, cost }) => (
        <li key={key} className="flex justify-between gap-4">
          <span className="min-w-0 break-words">
            <span className="font-semibold tabular-nums">{quantity} ×</span> <bdi>{name}</bdi>
          </span>
          <span className="tabular-nums">{cost}</span>
        </li>
      ))}
    </ul>
  )
}

export function TotalLine({ label, children }: { label: string; children: ReactNode }) {
  return (
    <p className="mt-4 flex justify-between border-t border-crust pt-4 text-lg font-bold">
      <span>{label}</span>
      <span className="tabular-nums">{children}</span>
    </p>
  )
}
