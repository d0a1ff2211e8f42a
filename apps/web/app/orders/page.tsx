import type { Metadata } from 'next'
import { OwnOrdersPage } from '../../track/own-orders-page.tsx'

export const metadata: Metadata = { title: 'Your orders', robots: { index: false } }

export default function Page() {
  return <OwnOrdersPage />
}
