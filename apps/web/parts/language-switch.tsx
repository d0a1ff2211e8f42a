import { getLocale, getTranslations } from 'next-intl/server'
import { languages, offered } from '../i18n/languages.ts'

/** The languages, each by its own name. A plain form, so that it works without scripts. */
export async function LanguageSwitch() {
  const [locale, t] = await Promise.all([getLocale(), getTranslations('site')])
  if (offered.length < 2) return null
  return (
    <form action="/language" method="post" aria-label={t('language')} className="flex gap-1">
      {offered.map(each => (
        <button
          key={each}
          type="submit"
          name="locale"
          value={each}
          lang={each}
          aria-current={each === locale ? 'true' : undefined}
          className="min-h-11 rounded-lg px-3 text-sm font-semibold text-brick underline-offset-4 hover:underline aria-[current]:text-ink aria-[current]:no-underline"
        >
          {languages[each].name}
        </button>
      ))}
    </form>
  )
}
