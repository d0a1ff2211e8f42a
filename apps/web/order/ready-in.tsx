import { useQuote } from './use-quote.ts'

/** Says when an order would be ready, as soon as that is known; nothing where it can't be. Its line is kept: nothing moves. */
export function ReadyIn({ restaurant }: { restaurant: string }) {
  const minutes = useQuote(restaurant)
  return (
    <p aria-live="polite" className="mt-4 min-h-[1lh] text-sm text-cocoa">
      {minutes !== undefined && `Ready in about ${minutes} min`}
    </p>
  )
}
