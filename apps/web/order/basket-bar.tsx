import { fill } from './page-texts.ts'
import { usePageTexts } from './use-page-texts.ts'

interface BasketBarProps {
  dishes: number
  total: string
}

/** On a phone the order is below the menu: this stays in sight until one is there. */
export function BasketBar({ dishes, total }: BasketBarProps) {
  const texts = usePageTexts()
  if (dishes === 0) return null
  return (
    <a
      href="#order"
      className="button sticky bottom-3 z-10 mt-4 min-h-14 w-full justify-between shadow-lg lg:hidden"
    >
      <span>{[texts.oneDish, texts.twoDishes][dishes - 1] ?? fill(texts.dishes, { number: dishes })}</span>
      <span>
        {texts.toTheOrder} · <span className="tabular-nums">{total}</span>
      </span>
    </a>
  )
}
