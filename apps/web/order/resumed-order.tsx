'use client'

import { useOrder } from './use-order.ts'

export interface ResumedOrderProps {
  page: string
  texts: Readonly<Record<'sending' | 'unanswered' | 'again', string>>
}

/** Goes on with an order that had no answer. */
export function ResumedOrder({ page, texts }: ResumedOrderProps) {
  const { state, sendAgain } = useOrder(page, () => {})
  if (state.step === 'filling') return null
  return (
    <p role="status" className="w-full text-cocoa">
      {state.step === 'sending' ? (
        texts.sending
      ) : (
        <>
          {texts.unanswered}{' '}
          <button type="button" className="font-semibold text-brick underline" onClick={sendAgain}>
            {texts.again}
          </button>
        </>
      )}
    </p>
  )
}
