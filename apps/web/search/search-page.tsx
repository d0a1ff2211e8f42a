'use client'

import { RestaurantSummary } from 'kafka-restaurants-contracts'
import { z } from 'zod'
import { useAnswer } from '../api/use-answer.ts'
import { FilterBar } from './filter-bar.tsx'
import { hasFilters, searchPath, stylesOf } from './filters.ts'
import { Hero } from './hero.tsx'
import { Results } from './results.tsx'
import { useFilters } from './use-filters.ts'

const restaurantList = z.array(RestaurantSummary)

export function SearchPage() {
  const { filters, shown, typeName, change } = useFilters()
  const { answer, loading, retry } = useAnswer(searchPath(filters), restaurantList)
  const all = useAnswer('/api/search', restaurantList)
  const known = all.answer?.state === 'ready' ? all.answer.data : []

  return (
    <>
      <Hero />
      <div className="mx-auto max-w-6xl px-4 sm:px-6">
        <FilterBar
          filters={shown}
          styles={stylesOf(known, filters.style)}
          onName={typeName}
          onChange={change}
        />
        <Results
          answer={answer}
          loading={loading}
          filtered={hasFilters(filters)}
          onClear={() => change({ name: '', style: '', vegetarian: false, delivery: false })}
          onRetry={() => {
            retry()
            all.retry()
          }}
        />
      </div>
    </>
  )
}
