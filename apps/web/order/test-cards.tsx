import { useTranslations } from 'next-intl'
import { groupCard } from './card-format.ts'

/** Numbers that the demo's bank knows what to do with. */
const cards = [
  { number: '4242424242424242', says: 'paid' },
  { number: '5555555555554444', says: 'paid' },
  { number: '4000000000009995', says: 'noFunds' },
  { number: '4000000000000002', says: 'declined' },
  { number: '4000000000000069', says: 'expired' },
] as const

interface TestCardsProps {
  onChoose: (card: string, expiry: string) => void
}

/** Cards to try the demo with: nobody should have to type a real one. */
export function TestCards({ onChoose }: TestCardsProps) {
  const t = useTranslations('checkout.testCards')
  const expiry = `12/${String(new Date().getFullYear() + 3).slice(2)}`
  return (
    <details className="rounded-xl bg-linen px-4 text-sm">
      <summary className="flex min-h-11 cursor-pointer items-center font-semibold">{t('heading')}</summary>
      <ul className="space-y-1 pb-3">
        {cards.map(({ number, says }) => (
          <li key={number}>
            <button
              type="button"
              className="flex min-h-11 w-full flex-wrap items-center gap-x-2 rounded-lg text-start hover:text-brick"
              onClick={() => onChoose(groupCard(number), expiry)}
            >
              <span
                dir="ltr"
                className="font-mono text-[0.8125rem] font-semibold whitespace-nowrap underline"
              >
                {groupCard(number)}
              </span>
              <span className="text-cocoa">{t(says)}</span>
            </button>
          </li>
        ))}
      </ul>
    </details>
  )
}
