'use client'

import { useEffect, useState } from 'react'

/** Ages are told in minutes. */
const everyMs = 10_000

/** The time, in ms, for what grows older while somebody looks. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs)
    return () => clearInterval(timer)
  }, [])
  return now
}
