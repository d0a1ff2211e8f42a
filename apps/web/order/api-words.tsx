import type { ReactNode } from 'react'

/** What the API says, which is in English on whatever page: `<api>` of the catalogue. */
export const apiWords = (words: ReactNode) => (
  <bdi lang="en" dir="ltr" className="inline-block">
    {words}
  </bdi>
)
