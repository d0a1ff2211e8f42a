import { fill } from './page-texts.ts'
import { usePageTexts } from './use-page-texts.ts'
import { useQuote } from './use-quote.ts'

/** Says when an order would be ready, as soon as that is known; nothing where it can't be. Its line is kept: nothing moves. */
export function ReadyIn({ restaurant }: { restaurant: string }) {
  const { readyIn } = usePageTexts()
  const minutes = useQuote(restaurant)
  return (
    <p aria-live="polite" className="mt-4 min-h-[1lh] text-sm text-cocoa">
      {minutes !== undefined && fill(readyIn, { minutes })}
    </p>
  )
}
