import { OpenOrder } from '../order/open-order.tsx'
import { Notice } from './notice.tsx'

/** Says that the restaurants are away, and asks again for the page whose address it is shown at. */
export function Away() {
  return (
    <Notice
      role="alert"
      heading="The restaurants can’t be reached"
      text="They did not answer in time. This usually passes within a minute, and nothing was ordered by it."
    >
      {/* biome-ignore lint/a11y/useValidAnchor: the address that it is shown at, with its query, whatever that is */}
      <a href="" className="button">
        Try again
      </a>
      <OpenOrder />
    </Notice>
  )
}
