'use client'

import { useErrorTexts } from '../parts/error-texts.tsx'
import { Notice } from '../parts/notice.tsx'

export default function ErrorPage({ reset }: { error: Error; reset: () => void }) {
  const { heading, text, tryAgain } = useErrorTexts()
  return (
    <Notice role="alert" heading={heading} text={text}>
      <button type="button" className="button" onClick={reset}>
        {tryAgain}
      </button>
    </Notice>
  )
}
