'use client'

import { asRead, type StyleCount } from 'kafka-restaurants-contracts'
import { useRouter } from 'next/navigation'
import type { Messages } from 'next-intl'
import { useEffect, useRef, useState, useTransition } from 'react'
import { rememberSearch } from '../parts/last-search.ts'
import { changed, type Filters, pagePath } from './filters.ts'

const typingPauseMs = 200

interface SearchFormProps {
  /** Those of the address. */
  filters: Filters
  styles: StyleCount[]
  /** Its own alone, as the server has them: so the page loads no catalogue. */
  texts: Messages['search']['form']
}

/** The filters. They are a plain form, which works without scripts; with them, results follow what is typed and chosen. */
export function SearchForm({ filters, styles, texts }: SearchFormProps) {
  const { shown, search, searching } = useSearch(filters)
  const chosen = styles.find(({ style }) => asRead(style) === asRead(filters.style))?.style ?? filters.style
  const offered = styles.filter(({ style, restaurants }) => restaurants > 0 || style === chosen)
  const isUnknown = chosen !== '' && !offered.some(({ style }) => style === chosen)
  return (
    <search aria-label={texts.label}>
      <form
        action="/"
        aria-busy={searching}
        className="panel relative -mt-12 grid grid-cols-2 gap-4 p-4 shadow-lg shadow-ink/5 sm:p-6 md:grid-cols-[minmax(0,1fr)_minmax(0,1fr)_auto]"
        onSubmit={event => {
          event.preventDefault()
          search({ ...shown }, 0)
        }}
      >
        <div className="col-span-full">
          <label htmlFor="q" className="field-label">
            {texts.words}
          </label>
          <div className="flex gap-2">
            <input
              id="q"
              name="q"
              type="search"
              className="field"
              placeholder={texts.example}
              autoComplete="off"
              enterKeyHint="search"
              maxLength={200}
              value={shown.words}
              onChange={event => search({ ...shown, words: event.target.value }, typingPauseMs)}
            />
            <button type="submit" className="button shrink-0">
              {texts.submit}
            </button>
          </div>
        </div>
        <div>
          <label htmlFor="style" className="field-label">
            {texts.style}
          </label>
          <select
            id="style"
            name="style"
            className="field"
            value={shown.style === filters.style ? chosen : shown.style}
            onChange={event => search({ ...shown, style: event.target.value }, 0)}
          >
            <option value="">{texts.everyStyle}</option>
            {isUnknown && <option value={chosen}>{chosen}</option>}
            {offered.map(({ style, restaurants }) => (
              <option key={style} value={style}>{`${style} (${restaurants})`}</option>
            ))}
          </select>
        </div>
        <div>
          <label htmlFor="sort" className="field-label">
            {texts.order}
          </label>
          <select
            id="sort"
            name="sort"
            className="field"
            value={shown.byName ? 'name' : ''}
            onChange={event => search({ ...shown, byName: event.target.value === 'name' }, 0)}
          >
            <option value="">{texts.asListed}</option>
            <option value="name">{texts.byName}</option>
          </select>
        </div>
        <fieldset className="col-span-full flex flex-wrap items-end gap-2 md:col-span-1">
          <legend className="sr-only">{texts.only}</legend>
          {(['vegetarian', 'delivery'] as const).map(name => (
            <label
              key={name}
              className="flex min-h-13 cursor-pointer items-center gap-2.5 rounded-xl border border-edge px-4 font-medium has-checked:border-olive has-checked:bg-olive/10 has-focus-visible:outline-3 has-focus-visible:outline-brick"
            >
              <input
                type="checkbox"
                name={name}
                value="true"
                className="size-4 accent-olive outline-none"
                checked={shown[name]}
                onChange={event => search({ ...shown, [name]: event.target.checked }, 0)}
              />
              {texts[name]}
            </label>
          ))}
        </fieldset>
      </form>
    </search>
  )
}

/**
 * What is typed or chosen shows at once; it reaches the address, and so the search, after a pause. Answers to earlier
 * searches are dropped.
 */
function useSearch(filters: Filters) {
  const router = useRouter()
  const path = pagePath(filters)
  const [shown, setShown] = useState(filters)
  const [searching, startSearch] = useTransition()
  const asked = useRef(path)
  const pause = useRef<ReturnType<typeof setTimeout>>(undefined)

  useEffect(() => {
    rememberSearch(path)
    // The address changed by other means (a link, the back button): the fields follow.
    if (path === asked.current) return
    asked.current = path
    clearTimeout(pause.current)
    setShown(filters)
  }, [path, filters])
  useEffect(() => () => clearTimeout(pause.current), [])

  function search(next: Filters, afterMs: number) {
    setShown(next)
    clearTimeout(pause.current)
    pause.current = setTimeout(() => {
      const to = pagePath(changed(next, {}))
      if (to === asked.current) return
      asked.current = to
      startSearch(() => router.replace(to, { scroll: false }))
    }, afterMs)
  }
  return { shown, search, searching }
}
