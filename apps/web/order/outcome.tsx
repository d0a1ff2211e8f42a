import { money, type Total } from 'kafka-restaurants-contracts'
import type { ReactNode } from 'react'
import type { OrderState } from './use-order.ts'

interface OutcomeProps {
  state: OrderState
  /** Sends the order again that has had no answer. */
  onAgain: () => void
  /** Sends this order besides it. */
  onBesides: () => void
}

/** What came of the last try, where it is not about one field. */
export function Outcome({ state, onAgain, onBesides }: OutcomeProps) {
  switch (state.step) {
    case 'filling':
    case 'sending':
      return null
    case 'not-taken':
      return <Told heading="Your order was not taken">{tryAgain}</Told>
    case 'unanswered':
      return <Told heading="There was no answer to your order">{tryAgain}</Told>
    case 'repriced':
      return (
        <Told heading="The price has changed">
          You saw {inWords(state.seen)}; it is {inWords(state.now)} now. Nothing is ordered at the new price
          until you order again.
        </Told>
      )
    case 'other-open':
      return (
        <Told heading="Your earlier order may have been taken">
          There was no answer to it. If it was taken, its mail comes soon. Sending it again charges nothing
          twice; what is chosen now would be a second order.
          <span className="mt-3 flex flex-wrap gap-2">
            {state.other.body && (
              <button type="button" className="button-quiet" onClick={onAgain}>
                Send the earlier order again
              </button>
            )}
            <button type="button" className="button-quiet" onClick={onBesides}>
              Order this as well
            </button>
          </span>
        </Told>
      )
    case 'faulty':
      return (
        <div role="alert" className="text-sm font-medium text-alarm">
          <p>{state.title}</p>
          {state.errors.form?.map(message => (
            <p key={message}>{message}</p>
          ))}
          {state.open && (
            <p>
              This order was sent before, without an answer: it may have been taken then. If so, its mail
              comes soon.
            </p>
          )}
        </div>
      )
  }
}

const tryAgain = 'Please try again in a moment. The same order is never charged twice.'

const inWords = ({ amountCents, currency }: Total) => money(amountCents, currency)

function Told({ heading, children }: { heading: string; children: ReactNode }) {
  return (
    <div role="alert" className="rounded-xl border border-saffron bg-saffron/15 p-4 text-sm">
      <p className="font-semibold">{heading}</p>
      <p className="mt-1">{children}</p>
    </div>
  )
}
