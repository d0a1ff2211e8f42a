import type { BoardTicket } from 'kafka-restaurants-contracts'
import { useTranslations } from 'next-intl'
import { type Age, ageOf } from './age.ts'
import { shortName } from './board.ts'
import { ForWhom } from './for-whom.tsx'

interface TicketCardProps {
  ticket: BoardTicket
  now: number
  hasFailed: boolean
  onReady: (button: HTMLButtonElement) => void
}

/** A ticket that cooks. All of it can be read from a step away, and its button be hit without looking. */
export function TicketCard({ ticket, now, hasFailed, onReady }: TicketCardProps) {
  const t = useTranslations('kitchen')
  const age = ageOf(ticket.cookingAt, now, t)
  const name = shortName(ticket.orderId)
  return (
    <li className={`flex flex-col gap-3 rounded-xl border-2 p-4 ${looks[age.urgency].card}`}>
      <div className="flex flex-wrap items-center justify-between gap-2">
        <span dir="ltr" className="font-mono text-sm font-semibold break-all">
          {name}
        </span>
        <AgeSign age={age} />
      </div>
      <Items items={ticket.items} />
      <ForWhom ticket={ticket} />
      {hasFailed && (
        <p role="alert" className="text-sm font-semibold text-alarm">
          {t('ready.failed', { order: name })}
        </p>
      )}
      <button
        type="button"
        aria-label={t('ready.order', { order: name })}
        className="button min-h-14 w-full text-lg"
        // A key that is held down, or the second tap of a double one, is not for the next ticket.
        onKeyDown={event => event.repeat && event.preventDefault()}
        onClick={({ currentTarget, detail }) => detail < 2 && onReady(currentTarget)}
      >
        {t('ready.press')}
      </button>
    </li>
  )
}

function Items({ items }: { items: BoardTicket['items'] }) {
  const t = useTranslations('kitchen')
  if (items.length === 0) return <p className="flex-1 text-cocoa">{t('noDishes')}</p>
  return (
    <ul className="flex-1 space-y-1 text-lg">
      {items.map(({ name, quantity }, index) => (
        // The same dish may be named twice.
        // biome-ignore lint/suspicious/noArrayIndexKey: a ticket's dishes never change
        <li key={index} className="break-words">
          <span className="font-bold tabular-nums">{quantity} ×</span> <bdi>{name}</bdi>
        </li>
      ))}
    </ul>
  )
}

const looks: Readonly<Record<Age['urgency'], { card: string; sign: string; path: string }>> = {
  fresh: {
    card: 'border-olive/40 bg-white',
    sign: 'bg-olive/10 text-olive',
    path: 'M10 5v5l3 2',
  },
  soon: {
    card: 'border-saffron bg-saffron/10',
    sign: 'bg-saffron/40 text-ink',
    path: 'M10 5v5h-4',
  },
  late: {
    card: 'border-alarm bg-red-50',
    sign: 'bg-alarm text-white',
    path: 'M10 5.5v5m0 3.5v.1',
  },
}

/** How old, in words, a sign and a colour: not everybody sees the colour. */
function AgeSign({ age: { text, urgency } }: { age: Age }) {
  const t = useTranslations('kitchen.age')
  const { sign, path } = looks[urgency]
  return (
    <span className={`flex items-center gap-1.5 rounded-full px-2.5 py-1 text-sm font-semibold ${sign}`}>
      <svg viewBox="0 0 20 20" className="size-4" aria-hidden="true">
        <g className="fill-none stroke-current" strokeWidth="2" strokeLinecap="round" strokeLinejoin="round">
          <circle cx="10" cy="10" r="8" />
          <path d={path} />
        </g>
      </svg>
      <span>
        {text} · {t(urgency)}
      </span>
    </span>
  )
}
