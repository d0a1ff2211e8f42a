import Link from 'next/link'
import { useTranslations } from 'next-intl'
import type { Found } from '../api/search-order.ts'
import { type Picture, picturesOf } from '../parts/food.ts'
import { Notice } from '../parts/notice.tsx'
import { type Filters, hasFilters, moreOf, noFilters, pagePath } from './filters.ts'
import { foundDishes, RestaurantCard } from './restaurant-card.tsx'

interface ResultsProps {
  filters: Filters
  found: Found
}

export function Results({ filters, found: { hits, total, next } }: ResultsProps) {
  const t = useTranslations('search')
  const more = moreOf(filters, next)
  const pictures = picturesOf(hits.map(hit => ({ ...hit, dishes: foundDishes(hit) })))
  return (
    <section aria-label={t('results')}>
      <div className="mt-6 mb-3 flex min-h-11 flex-wrap items-center justify-between gap-x-6 text-sm">
        <p role="status" className="font-medium text-cocoa">
          {hits.length < total ? t('countShown', { shown: hits.length, total }) : t('count', { total })}
        </p>
        {(hasFilters(filters) || filters.after) && hits.length > 0 && (
          <ClearAll className="inline-flex min-h-11 items-center rounded-lg font-semibold text-brick underline-offset-4 hover:underline" />
        )}
      </div>
      {hits.length === 0 ? (
        <Notice level={2} heading={t('nothing')} text={hasFilters(filters) ? t('fewer') : t('empty')}>
          {hasFilters(filters) && <ClearAll className="button-quiet" />}
        </Notice>
      ) : (
        <ul className="grid gap-5 sm:grid-cols-2 lg:grid-cols-3">
          {hits.map((hit, at) => (
            <RestaurantCard key={hit.id} restaurant={hit} picture={pictures[at] as Picture} first={at < 3} />
          ))}
        </ul>
      )}
      {more && (
        <p className="mt-8 text-center">
          <Link
            href={pagePath(more)}
            prefetch={false}
            scroll={more.after !== filters.after}
            replace={more.after === filters.after}
            className="button-quiet"
          >
            {more.after === filters.after ? t('more') : t('nextPage')}
          </Link>
        </p>
      )}
    </section>
  )
}

function ClearAll({ className }: { className: string }) {
  const t = useTranslations('search')
  return (
    <Link href={pagePath(noFilters)} prefetch={false} scroll={false} className={className}>
      {t('clearAll')}
    </Link>
  )
}
