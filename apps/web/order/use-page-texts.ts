'use client'

import { createContext, use } from 'react'
import type { PageTexts } from './page-texts.ts'

const Texts = createContext<PageTexts | undefined>(undefined)
export const PageTextsProvider = Texts.Provider

export function usePageTexts(): PageTexts {
  const texts = use(Texts)
  if (!texts) throw new Error('A part of a restaurant’s page is outside of its texts.')
  return texts
}
