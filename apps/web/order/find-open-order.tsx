'use client'

import { type ComponentType, useEffect, useState } from 'react'
import type { ResumedOrderProps } from './resumed-order.tsx'

/**
 * An order that was sent from the page at this address before its restaurant was gone, and had no answer. What goes on
 * with it is loaded where there may be one: the page of all restaurants has no use for it.
 */
export function FindOpenOrder({ texts }: Pick<ResumedOrderProps, 'texts'>) {
  const [order, setOrder] = useState<{ page: string; Resumed: ComponentType<ResumedOrderProps> }>()
  // Of the address itself: the server may show another page in its place.
  useEffect(() => {
    const [, page] = /^\/restaurants\/([^/]+)$/.exec(location.pathname) ?? []
    if (!page) return
    void import('./resumed-order.tsx').then(({ ResumedOrder }) => setOrder({ page, Resumed: ResumedOrder }))
  }, [])
  return order && <order.Resumed page={order.page} texts={texts} />
}
