import { Suspense } from 'react'
import { SearchPage } from '../search/search-page.tsx'

export default function Page() {
  return (
    <Suspense>
      <SearchPage />
    </Suspense>
  )
}
