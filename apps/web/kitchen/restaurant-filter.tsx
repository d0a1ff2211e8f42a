import { useTranslations } from 'next-intl'

interface RestaurantFilterProps {
  names: string[]
  chosen: string | undefined
}

/** Which restaurant's board this is: a part of the address, so that each kitchen keeps its own. */
export function RestaurantFilter({ names, chosen = '' }: RestaurantFilterProps) {
  const t = useTranslations()
  return (
    <div className="w-full sm:w-72">
      <label htmlFor="restaurant" className="field-label">
        {t('kitchen.filter')}
      </label>
      <select
        id="restaurant"
        className="field"
        value={chosen}
        onChange={({ target: { value } }) => {
          const query = value ? `?restaurant=${encodeURIComponent(value)}` : ''
          history.replaceState(null, '', `/kitchen${query}`)
        }}
      >
        <option value="">{t('site.allRestaurants')}</option>
        {names.map(name => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </div>
  )
}
