'use client'

import { useEffect, useRef, useState } from 'react'
import { whileSeen } from '../api/while-seen.ts'
import { type Following, followingNothing, followOrder } from './follow-order.ts'

/** An order, live while somebody looks. */
export function useFollowedOrder(orderId: string): Following {
  const [following, setFollowing] = useState(followingNothing)
  const last = useRef(followingNothing)

  useEffect(
    () =>
      whileSeen(() =>
        followOrder(orderId, last.current, next => {
          last.current = next
          setFollowing(next)
        }),
      ),
    [orderId],
  )

  return following
}
