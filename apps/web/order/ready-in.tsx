import { useQuote } from './use-quote.ts'

/** Says when an order would be ready, as soon as that is known; nothing where it can't be. */
export function ReadyIn({ restaurant }: { restaurant: string }) {
  const minutes = useQuote(restaurant)
  return (
    <p aria-live="polite" className="text-sm text-cocoa not-empty:mt-4">
      {minutes !== undefined && `Ready in about ${minutes} min`}
    </p>
  )
}
