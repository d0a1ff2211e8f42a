import { detailLimits } from 'kafka-restaurants-contracts'
import { Choice } from './choice.tsx'
import { type FormParts, TextField } from './text-field.tsx'

interface PlaceFieldsProps {
  form: FormParts
  restaurant: { name: string; delivery: boolean; address?: string | undefined }
  isDelivery: boolean
}

/** Who gets the order, and where: by delivery, or, where that is not had, at the restaurant. */
export function PlaceFields({ form, restaurant, isDelivery }: PlaceFieldsProps) {
  const { name, delivery, address } = restaurant
  return (
    <>
      {delivery ? (
        <Choice
          legend="How would you like it?"
          options={[
            { value: 'delivery', text: 'Delivery' },
            { value: 'pickup', text: 'Pick-up' },
          ]}
          radio={form.register('fulfilment')}
          error={form.errors.fulfilment?.message}
        />
      ) : (
        <p className="rounded-xl bg-linen p-4 text-sm">
          <span className="font-semibold">Pick-up only:</span> {name} does not deliver.
        </p>
      )}
      {!isDelivery && address && <p className="text-sm text-cocoa">You pick it up at {address}.</p>}
      <TextField form={form} name="name" label="Name" autoComplete="name" maxLength={detailLimits.name} />
      <TextField
        form={form}
        name="phone"
        label="Phone"
        {...(!isDelivery && { hint: '(optional)' })}
        type="tel"
        autoComplete="tel"
        dir="ltr"
        maxLength={detailLimits.phone}
      />
      {isDelivery && (
        <>
          <TextField
            form={form}
            name="street"
            label="Street and number"
            autoComplete="address-line1"
            maxLength={detailLimits.street}
          />
          <div className="grid grid-cols-[2fr_3fr] items-start gap-3">
            <TextField
              form={form}
              name="postalCode"
              label="Postal code"
              autoComplete="postal-code"
              maxLength={detailLimits.postalCode}
            />
            <TextField
              form={form}
              name="city"
              label="City"
              autoComplete="address-level2"
              maxLength={detailLimits.city}
            />
          </div>
          <TextField
            form={form}
            name="extra"
            label="Floor, door"
            hint="(optional)"
            autoComplete="address-line2"
            maxLength={detailLimits.extra}
          />
        </>
      )}
    </>
  )
}
