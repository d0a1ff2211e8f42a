'use client'

import { Notice } from '../parts/notice.tsx'

export default function ErrorPage({ reset }: { error: Error; reset: () => void }) {
  return (
    <Notice
      role="alert"
      heading="Something went wrong"
      text="The page could not be shown. Nothing was ordered by this."
    >
      <button type="button" className="button" onClick={reset}>
        Try again
      </button>
    </Notice>
  )
}
