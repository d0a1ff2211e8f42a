import type { MetadataRoute } from 'next'
import { getLocale, getTranslations } from 'next-intl/server'
import { languages } from '../i18n/languages.ts'

export default async function manifest(): Promise<MetadataRoute.Manifest> {
  const [lang, t] = await Promise.all([getLocale(), getTranslations('site')])
  return {
    name: 'Kafka Restaurants',
    short_name: t('shortName'),
    description: t('description'),
    lang,
    dir: languages[lang].dir,
    start_url: '/',
    display: 'standalone',
    background_color: '#fdf8f0',
    theme_color: '#fdf8f0',
    icons: [
      { src: '/icon.svg', sizes: 'any', type: 'image/svg+xml' },
      { src: '/icon-192.png', sizes: '192x192', type: 'image/png' },
      { src: '/icon-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
    ],
  }
}
