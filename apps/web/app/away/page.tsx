import type { Metadata } from 'next'
import { Away } from '../../parts/away.tsx'

export const metadata: Metadata = { title: 'Not reachable', robots: { index: false } }

/** What is shown in place of a page that needs search-order, while that is away. */
export default function Page() {
  return <Away />
}
