'use client'

import type { BreakName, Breaks } from 'kafka-restaurants-contracts'
import { useState } from 'react'
import { type Pressed, useBreaks } from './use-breaks.ts'

const words = {
  heading: 'Break something',
  intro:
    'For half a minute: it heals by itself. Order meanwhile, and watch the lag grow and fall: what waits is done once the part is back, nothing is lost, and no card is charged twice.',
  names: {
    'bank-away': 'Bank away',
    'bank-slow': 'Bank slow',
    'mail-away': 'Mail server away',
    'worker-killed': 'Kill the charging worker',
  } satisfies Record<BreakName, string>,
  backIn: (seconds: number) => `back in ${seconds} s`,
  /** It is started again before that, and may be killed once more then. */
  againIn: (seconds: number) => `killed; again in ${seconds} s`,
  untilChanged: 'broken now',
  outcomes: {
    taken: 'It is broken now.',
    already: 'That part is broken already. One break of it at a time.',
    failed: 'That could not be broken now. Try again in a moment.',
  } satisfies Record<Pressed, string>,
}

/** Buttons that break a part of this platform for a while, where that is allowed; nothing elsewhere. */
export function BreakButtons() {
  const { breaks, press } = useBreaks()
  const [pressed, setPressed] = useState<Pressed>()
  if (!breaks || breaks.allowed.length === 0) return null
  const isOver = pressed === 'taken' && breaks.broken.length === 0
  return (
    <section aria-labelledby="breaks" className="panel mt-4 p-4 sm:p-5">
      <h2 id="breaks" className="text-lg font-bold">
        {words.heading}
      </h2>
      <p className="mt-1 max-w-2xl text-sm text-cocoa">{words.intro}</p>
      <ul className="mt-3 flex flex-wrap gap-2">
        {breaks.allowed.map(name => (
          <li key={name} className="max-sm:w-full">
            <BreakButton
              name={name}
              broken={breaks.broken.find(other => other.name === name)}
              press={async () => setPressed(await press(name))}
            />
          </li>
        ))}
      </ul>
      <p
        role="status"
        className={`mt-2 min-h-[1lh] text-sm ${pressed === 'taken' ? 'text-cocoa' : 'text-alarm'}`}
      >
        {pressed && !isOver && words.outcomes[pressed]}
      </p>
    </section>
  )
}

interface BreakButtonProps {
  name: BreakName
  broken: Breaks['broken'][number] | undefined
  press: () => Promise<void>
}

function BreakButton({ name, broken, press }: BreakButtonProps) {
  const look = broken ? 'cursor-default border-alarm! text-alarm!' : ''
  return (
    <button
      type="button"
      className={`button-quiet flex-wrap gap-x-2 max-sm:w-full ${look}`}
      aria-disabled={broken !== undefined}
      onClick={broken ? undefined : () => void press()}
    >
      {words.names[name]}
      {broken && <span className="text-sm font-normal tabular-nums">{leftOf(broken)}</span>}
    </button>
  )
}

function leftOf({ name, secondsLeft }: Breaks['broken'][number]): string {
  if (secondsLeft === undefined) return words.untilChanged
  return name === 'worker-killed' ? words.againIn(secondsLeft) : words.backIn(secondsLeft)
}
