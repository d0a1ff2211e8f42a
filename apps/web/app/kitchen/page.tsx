import type { Metadata } from 'next'
import { Suspense } from 'react'
import { KitchenPage } from '../../kitchen/kitchen-page.tsx'

export const metadata: Metadata = { title: 'Kitchen', robots: { index: false, follow: false } }

const heading = <h1 className="text-3xl font-extrabold tracking-tight">Kitchen</h1>

export default function Page() {
  return (
    <div className="mx-auto max-w-6xl px-4 py-8 sm:px-6 sm:py-10">
      <Suspense fallback={heading}>
        <KitchenPage heading={heading} />
      </Suspense>
    </div>
  )
}
