'use client'

import type { BreakName, Breaks } from 'kafka-restaurants-contracts'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { type Pressed, useBreaks } from './use-breaks.ts'

/** Buttons that break a part of this platform for a while, where that is allowed; nothing elsewhere. */
export function BreakButtons() {
  const t = useTranslations('howItWorks.breaks')
  const { breaks, press } = useBreaks()
  const [pressed, setPressed] = useState<Pressed>()
  if (!breaks || breaks.allowed.length === 0) return null
  const isOver = pressed === 'taken' && breaks.broken.length === 0
  return (
    <section aria-labelledby="breaks" className="panel mt-4 p-4 sm:p-5">
      <h2 id="breaks" className="text-lg font-bold">
        {t('heading')}
      </h2>
      <p className="mt-1 max-w-2xl text-sm text-cocoa">{t('intro')}</p>
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
        {pressed && !isOver && t(`outcomes.${pressed}`)}
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
  const t = useTranslations('howItWorks.breaks')
  const look = broken ? 'cursor-default border-alarm! text-alarm!' : ''
  const left = ({ secondsLeft: seconds }: Breaks['broken'][number]) => {
    if (seconds === undefined) return t('untilChanged')
    // It is started again before that, and may be killed once more then.
    return t(name === 'worker-killed' ? 'againIn' : 'backIn', { seconds })
  }
  return (
    <button
      type="button"
      className={`button-quiet flex-wrap gap-x-2 max-sm:w-full ${look}`}
      aria-disabled={broken !== undefined}
      onClick={broken ? undefined : () => void press()}
    >
      {t(`names.${name}`)}
      {broken && <span className="text-sm font-normal tabular-nums">{left(broken)}</span>}
    </button>
  )
}
