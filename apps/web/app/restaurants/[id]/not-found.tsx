import { getTranslations } from 'next-intl/server'
import { OpenOrder } from '../../../order/open-order.tsx'
import { AllRestaurants } from '../../../parts/all-restaurants.tsx'
import { Notice } from '../../../parts/notice.tsx'

export default async function NotFound() {
  const t = await getTranslations()
  return (
    <Notice heading={t('noRestaurant.heading')} text={t('noRestaurant.text')}>
      <OpenOrder />
      <AllRestaurants className="button">{t('site.allRestaurants')}</AllRestaurants>
    </Notice>
  )
}
