import type { TracedClick } from '../api/click-traces.ts'

/** A click that begins a trace. */
export interface Click {
  /** What goes with the request that it makes (W3C Trace Context). */
  headers: { traceparent: string }
  /** Tells that its answer is there. @param orderId unless there is no order */
  end: (orderId?: string) => void
}

/** @param share of clicks that are traced, 0 to 1; none is, and none says so, unless given */
export function beginClick(share: number | undefined): Click | undefined {
  if (share === undefined) return undefined
  const [traceId, spanId] = [randomHex(16), randomHex(8)]
  const begun = performance.now()
  const isTraced = Math.random() < share
  return {
    headers: { traceparent: `00-${traceId}-${spanId}-${isTraced ? '01' : '00'}` },
    end: orderId => {
      if (!isTraced) return
      const click: TracedClick = { traceId, spanId, ms: performance.now() - begun, orderId }
      // Sent by the browser itself, also when the page is left meanwhile.
      navigator.sendBeacon('/clicks', JSON.stringify(click))
    },
  }
}

const randomHex = (bytes: number) =>
  Array.from(crypto.getRandomValues(new Uint8Array(bytes)), byte => byte.toString(16).padStart(2, '0')).join(
    '',
  )
