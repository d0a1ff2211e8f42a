'use client'

import { useEffect, useRef, useState } from 'react'
import { type Following, followingNothing, followOrder } from './follow-order.ts'

/**
 * An order, live while somebody looks. A hidden tab lets go of its stream: a browser has few connections to one site, and
 * many open orders would take them all.
 */
export function useFollowedOrder(orderId: string): Following {
  const [following, setFollowing] = useState(followingNothing)
  const last = useRef(followingNothing)

  useEffect(() => {
    let stop = () => {}
    const begin = () => {
      stop()
      if (document.hidden) return
      stop = followOrder(orderId, last.current, next => {
        last.current = next
        setFollowing(next)
      })
    }
    begin()
    document.addEventListener('visibilitychange', begin)
    // A browser that goes offline need not notice that its stream has ended.
    window.addEventListener('offline', begin)
    window.addEventListener('online', begin)
    return () => {
      stop()
      document.removeEventListener('visibilitychange', begin)
      window.removeEventListener('offline', begin)
      window.removeEventListener('online', begin)
    }
  }, [orderId])

  return following
}
