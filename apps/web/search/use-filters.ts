'use client'

import { useSearchParams } from 'next/navigation'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { type Filters, pagePath, readFilters } from './filters.ts'

const typingPauseMs = 250

/**
 * The filters of the page's address. Typing shows at once in `typedName`, and reaches the address (and so the search)
 * after a short pause.
 */
export function useFilters() {
  const query = useSearchParams()
  const filters = useMemo(() => readFilters(new URLSearchParams(query)), [query])
  const [typedName, setTypedName] = useState(filters.name)
  const written = useRef(filters.name)
  const pause = useRef<ReturnType<typeof setTimeout>>(undefined)

  useEffect(() => {
    // The address changed by other means (a link, the back button): the field follows.
    if (filters.name === written.current) return
    written.current = filters.name
    setTypedName(filters.name)
  }, [filters.name])

  useEffect(() => () => clearTimeout(pause.current), [])

  const change = useCallback(
    (changed: Partial<Filters>) => {
      clearTimeout(pause.current)
      const next = { ...readFilters(new URLSearchParams(location.search)), name: typedName, ...changed }
      written.current = next.name.trim()
      setTypedName(next.name)
      history.replaceState(null, '', pagePath(next))
    },
    [typedName],
  )

  const typeName = (name: string) => {
    setTypedName(name)
    clearTimeout(pause.current)
    pause.current = setTimeout(() => change({ name }), typingPauseMs)
  }

  return { filters, typedName, typeName, change }
}
