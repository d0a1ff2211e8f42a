'use client'

import { useOrder } from './use-order.ts'

/** Goes on with an order that had no answer. */
export function ResumedOrder({ page }: { page: string }) {
  const { state, sendAgain } = useOrder(page, () => {})
  if (state.step === 'filling') return null
  return (
    <p role="status" className="w-full text-cocoa">
      {state.step === 'sending' ? (
        'Your order is being sent…'
      ) : (
        <>
          Your order had no answer, and may have been taken. If so, its mail comes soon.{' '}
          <button type="button" className="font-semibold text-brick underline" onClick={sendAgain}>
            Ask again
          </button>
        </>
      )}
    </p>
  )
}
