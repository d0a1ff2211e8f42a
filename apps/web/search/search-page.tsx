import type { StyleCount } from 'kafka-restaurants-contracts'
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

export function SearchPage({ filters, styles, found }: SearchPageProps) {
  return (
    <>
      <Hero />
      <div className="mx-auto max-w-6xl px-4 sm:px-6">
        <SearchForm filters={filters} styles={styles} />
        <Results filters={filters} found={found} />
      </div>
    </>
  )
}
