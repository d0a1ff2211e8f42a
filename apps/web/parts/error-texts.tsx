'use client'

import { createContext, type ReactNode, use } from 'react'

interface ErrorTexts {
  heading: string
  text: string
  tryAgain: string
}

const Texts = createContext<ErrorTexts | undefined>(undefined)

/** Brings all pages what app/error.tsx says: three texts, in place of a catalogue and what reads it. */
export function ErrorTextsProvider({ texts, children }: { texts: ErrorTexts; children: ReactNode }) {
  return <Texts value={texts}>{children}</Texts>
}

export function useErrorTexts(): ErrorTexts {
  const texts = use(Texts)
  if (!texts) throw new Error('An error page is outside of the layout that has its texts.')
  return texts
}
