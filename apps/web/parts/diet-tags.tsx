import { useTranslations } from 'next-intl'

interface DietTagsProps {
  style: string
  vegetarian: boolean
  delivery: boolean
}

const tag = 'rounded-full px-3 py-1 whitespace-nowrap'

/** What a restaurant is, in short words. */
export function DietTags({ style, vegetarian, delivery }: DietTagsProps) {
  const t = useTranslations('restaurant.tags')
  return (
    <ul className="flex flex-wrap gap-2 text-xs font-semibold">
      <li dir="auto" className="rounded-full bg-linen px-3 py-1">
        {style}
      </li>
      {vegetarian && <li className={`bg-olive/10 text-olive ${tag}`}>{t('vegetarian')}</li>}
      <li className={`bg-saffron/25 ${tag}`}>{delivery ? t('delivers') : t('pickUp')}</li>
    </ul>
  )
}
