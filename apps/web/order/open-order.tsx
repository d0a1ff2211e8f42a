'use client'

import { useEffect, useState } from 'react'
import { keptAttempt } from './order-attempt.ts'
import { useOrder } from './use-order.ts'

/** An order that was sent from the page at this address before its restaurant was gone, and had no answer. */
export function OpenOrder() {
  const [page, setPage] = useState<string>()
  // Of the address itself: the server may show another page in its place.
  useEffect(() => {
    const [, id] = /^\/restaurants\/([^/]+)$/.exec(location.pathname) ?? []
    if (id && keptAttempt(id)) setPage(id)
  }, [])
  return page && <Resumed page={page} />
}

function Resumed({ page }: { page: string }) {
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
