import { useTranslations } from 'next-intl'
import { FindOpenOrder } from './find-open-order.tsx'

/** An order that had no answer, with the few texts that it needs: no catalogue goes to the browser for it. */
export function OpenOrder() {
  const t = useTranslations('checkout.resumed')
  return <FindOpenOrder texts={{ sending: t('sending'), unanswered: t('unanswered'), again: t('again') }} />
}
