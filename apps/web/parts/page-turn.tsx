'use client'

import { usePathname } from 'next/navigation'
import { useEffect, useRef } from 'react'
import { visit } from './last-search.ts'

/** Moves the focus to the heading of a page that was gone to without a load, as a browser would begin anew there. */
export function PageTurn() {
  const path = usePathname()
  const shown = useRef(path)
  // Shows a page of the site in this language, not the browser's own one, while there is no connection.
  useEffect(() => {
    const worker = `/sw.js?lang=${document.documentElement.lang}`
    void navigator.serviceWorker?.register(worker).catch(() => {})
  }, [])
  useEffect(() => {
    visit(path)
    if (shown.current === path) return
    shown.current = path
    const heading = document.querySelector<HTMLElement>('main h1') ?? document.querySelector('main')
    if (!heading) return
    heading.tabIndex = -1
    heading.focus({ preventScroll: true })
  }, [path])
  return null
}
