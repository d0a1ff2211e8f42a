import { detailLimits } from 'kafka-restaurants-contracts'
import { useTranslations } from 'next-intl'
import { Choice } from './choice.tsx'
import { type FormParts, TextField } from './text-field.tsx'

interface PlaceFieldsProps {
  form: FormParts
  restaurant: { name: string; delivery: boolean; address?: string | undefined }
  isDelivery: boolean
}

/** Who gets the order, and where: by delivery, or, where that is not had, at the restaurant. */
export function PlaceFields({ form, restaurant, isDelivery }: PlaceFieldsProps) {
  const t = useTranslations('checkout')
  const { name, delivery, address } = restaurant
  const optional = t('optional')
  return (
    <>
      {delivery ? (
        <Choice
          legend={t('howToGetIt')}
          options={[
            { value: 'delivery', text: t('delivery') },
            { value: 'pickup', text: t('pickup') },
          ]}
          radio={form.register('fulfilment')}
          error={form.errors.fulfilment}
        />
      ) : (
        <p className="rounded-xl bg-linen p-4 text-sm">
          {t.rich('pickupOnly', {
            restaurant: name,
            b: text => <span className="font-semibold">{text}</span>,
          })}
        </p>
      )}
      {!isDelivery && address && <p className="text-sm text-cocoa">{t('pickupAt', { address })}</p>}
      <TextField form={form} name="name" autoComplete="name" maxLength={detailLimits.name} />
      <TextField
        form={form}
        name="phone"
        {...(!isDelivery && { hint: optional })}
        type="tel"
        autoComplete="tel"
        dir="ltr"
        maxLength={detailLimits.phone}
      />
      {isDelivery && (
        <>
          <TextField form={form} name="street" autoComplete="address-line1" maxLength={detailLimits.street} />
          <div className="grid grid-cols-[2fr_3fr] items-start gap-3">
            <TextField
              form={form}
              name="postalCode"
              dir="ltr"
              autoComplete="postal-code"
              maxLength={detailLimits.postalCode}
            />
            <TextField form={form} name="city" autoComplete="address-level2" maxLength={detailLimits.city} />
          </div>
          <TextField
            form={form}
            name="extra"
            hint={optional}
            autoComplete="address-line2"
            maxLength={detailLimits.extra}
          />
        </>
      )}
    </>
  )
}
