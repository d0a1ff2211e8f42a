import { getTranslations } from 'next-intl/server'
import { OpenOrder } from '../order/open-order.tsx'
import { Notice } from './notice.tsx'

/** Says that the restaurants are away, and asks again for the page whose address it is shown at. */
export async function Away() {
  const t = await getTranslations()
  return (
    <Notice role="alert" heading={t('away.heading')} text={t('away.text')}>
      {/* biome-ignore lint/a11y/useValidAnchor: the address that it is shown at, with its query, whatever that is */}
      <a href="" className="button">
        {t('site.tryAgain')}
      </a>
      <OpenOrder />
    </Notice>
  )
}
