import type { RestaurantSummary } from 'kafka-restaurants-contracts'
import type { Answer } from '../api/answer.ts'
import { Notice } from '../parts/notice.tsx'
import { RestaurantCard } from './restaurant-card.tsx'

interface ResultsProps {
  answer: Answer<RestaurantSummary[]> | undefined
  loading: boolean
  filtered: boolean
  onClear: () => void
  onRetry: () => void
}

export function Results({ answer, loading, filtered, onClear, onRetry }: ResultsProps) {
  if (answer === undefined) return <Placeholders />
  if (answer.state !== 'ready') return <Unreachable loading={loading} onRetry={onRetry} />

  const restaurants = answer.data
  return (
    <section aria-label="Results" aria-busy={loading} className={loading ? 'opacity-70' : undefined}>
      <p role="status" className="mt-8 mb-4 text-sm font-medium text-cocoa">
        {countText(restaurants.length)}
      </p>
      {restaurants.length === 0 ? (
        <Notice
          level={2}
          heading="No restaurant matches"
          text={filtered ? 'Try a shorter name, or fewer filters.' : 'The catalogue is empty for now.'}
        >
          {filtered && (
            <button type="button" className="button-quiet" onClick={onClear}>
              Clear the filters
            </button>
          )}
        </Notice>
      ) : (
        <ul className="grid gap-5 sm:grid-cols-2 lg:grid-cols-3">
          {restaurants.map(restaurant => (
            <RestaurantCard key={restaurant.id} restaurant={restaurant} />
          ))}
        </ul>
      )}
    </section>
  )
}

function Unreachable({ loading, onRetry }: { loading: boolean; onRetry: () => void }) {
  return (
    <Notice
      role="alert"
      level={2}
      heading="The restaurants can’t be reached"
      text="The search did not answer. This usually passes within a minute."
    >
      <button type="button" className="button" aria-disabled={loading} onClick={onRetry}>
        {loading ? 'Trying…' : 'Try again'}
      </button>
    </Notice>
  )
}

function Placeholders() {
  return (
    <div role="status" className="mt-8">
      <p className="mb-4 text-sm font-medium text-cocoa">Looking for restaurants…</p>
      <div className="grid animate-pulse gap-5 sm:grid-cols-2 lg:grid-cols-3" aria-hidden="true">
        {['a', 'b', 'c'].map(key => (
          <div key={key} className="h-64 rounded-2xl bg-linen" />
        ))}
      </div>
    </div>
  )
}

const countText = (count: number) => (count === 1 ? '1 restaurant' : `${count} restaurants`)
