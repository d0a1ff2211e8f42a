import type { StyleCount } from 'kafka-restaurants-contracts'
import { getMessages } from 'next-intl/server'
import type { Found } from '../api/search-order.ts'
import type { Filters } from './filters.ts'
import { Hero } from './hero.tsx'
import { Results } from './results.tsx'
import { SearchForm } from './search-form.tsx'

interface SearchPageProps {
  filters: Filters
  styles: StyleCount[]
  found: Found
}

export async function SearchPage({ filters, styles, found }: SearchPageProps) {
  const { search } = await getMessages()
  return (
    <>
      <Hero />
      <div className="mx-auto max-w-6xl px-4 sm:px-6">
        <SearchForm filters={filters} styles={styles} texts={search.form} />
        <Results filters={filters} found={found} />
      </div>
    </>
  )
}
