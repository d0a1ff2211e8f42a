'use client'

import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { type MouseEvent, type ReactNode, useEffect, useState } from 'react'
import { cameFromSearch, lastSearch } from './last-search.ts'

/** Leads back to the search with its filters, and where the diner has just come from there, to the place in it. */
export function AllRestaurants({ className, children }: { className: string; children: ReactNode }) {
  const router = useRouter()
  const [href, setHref] = useState('/')
  useEffect(() => setHref(lastSearch() ?? '/'), [])

  function goBack(event: MouseEvent) {
    if (!cameFromSearch() || event.metaKey || event.ctrlKey || event.shiftKey) return
    event.preventDefault()
    router.back()
  }

  return (
    <Link href={href} prefetch={false} className={className} onClick={goBack}>
      {children}
    </Link>
  )
}
