import { useTranslations } from 'next-intl'
import type { Connection } from '../api/live-list.ts'

interface LiveSignProps {
  tickets: Connection
  lines: Connection
}

/** Whether what is shown is so now: a cook must not wait for orders that nobody tells. */
export function LiveSign({ tickets, lines }: LiveSignProps) {
  const t = useTranslations('kitchen')
  const isLost = tickets === 'lost' || lines === 'lost'
  const text = textOf(tickets, lines)
  return (
    <p
      role="status"
      className={`mt-2 flex min-h-[2lh] items-center gap-2.5 text-sm font-semibold sm:min-h-[1lh] ${isLost ? 'text-alarm' : 'text-olive'}`}
    >
      {(isLost || tickets === 'live') && <Sign isLost={isLost} />}
      {text && t(text)}
    </p>
  )
}

function textOf(tickets: Connection, lines: Connection) {
  if (tickets === 'lost') return 'ticketsLost'
  if (lines === 'lost') return 'linesLost'
  return tickets === 'live' ? 'live' : undefined
}

const Sign = ({ isLost }: { isLost: boolean }) => (
  <svg viewBox="0 0 20 20" className="size-5 shrink-0" aria-hidden="true">
    {isLost ? (
      <path
        d="M10 2 1 18h18zM10 8v4.5m0 2.5v.1"
        className="fill-none stroke-current"
        strokeWidth="2"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    ) : (
      <circle cx="10" cy="10" r="5" className="fill-current" />
    )}
  </svg>
)
