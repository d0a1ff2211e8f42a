'use client'

import { useSearchParams } from 'next/navigation'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { type Filters, pagePath, readFilters } from './filters.ts'

const typingPauseMs = 250

/**
 * The filters of the page's address. What is typed or chosen shows at once in `shown`. Typing reaches the address
 * (and so the search) after a short pause; all else when Next has time for it.
 */
export function useFilters() {
  const query = useSearchParams()
  const filters = useMemo(() => readFilters(new URLSearchParams(query)), [query])
  const [chosen, setChosen] = useState<Filters>()
  const [typedName, setTypedName] = useState(filters.name)
  const written = useRef(filters.name)
  const pause = useRef<ReturnType<typeof setTimeout>>(undefined)

  useEffect(() => {
    // The address changed by other means (a link, the back button): the field follows.
    if (filters.name === written.current) return
    written.current = filters.name
    setTypedName(filters.name)
  }, [filters.name])

  useEffect(() => {
    setChosen(ahead => (ahead && pagePath(ahead) === pagePath(filters) ? undefined : ahead))
  }, [filters])

  useEffect(() => () => clearTimeout(pause.current), [])

  const change = useCallback(
    (changed: Partial<Filters>) => {
      clearTimeout(pause.current)
      const before = readFilters(new URLSearchParams(location.search))
      const next = { ...before, name: typedName, ...changed }
      written.current = next.name.trim()
      setTypedName(next.name)
      if (pagePath(next) !== pagePath(before)) setChosen(next)
      history.replaceState(null, '', pagePath(next))
    },
    [typedName],
  )

  const typeName = (name: string) => {
    setTypedName(name)
    clearTimeout(pause.current)
    pause.current = setTimeout(() => change({ name }), typingPauseMs)
  }

  return { filters, shown: { ...(chosen ?? filters), name: typedName }, typeName, change }
}
