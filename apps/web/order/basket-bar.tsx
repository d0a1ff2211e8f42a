interface BasketBarProps {
  dishes: number
  total: string
}

/** On a phone the order is below the menu: this stays in sight until one is there. */
export function BasketBar({ dishes, total }: BasketBarProps) {
  if (dishes === 0) return null
  return (
    <a
      href="#order"
      className="button sticky bottom-3 z-10 mt-4 min-h-14 w-full justify-between shadow-lg lg:hidden"
    >
      <span>
        {dishes} {dishes === 1 ? 'dish' : 'dishes'}
      </span>
      <span>
        To the order · <span className="tabular-nums">{total}</span>
      </span>
    </a>
  )
}
