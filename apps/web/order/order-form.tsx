'use client'

import { money } from 'kafka-restaurants-contracts'
import { useLocale, useTranslations } from 'next-intl'
import { useWatch } from 'react-hook-form'
import { TotalLine } from '../parts/cost-lines.tsx'
import type { Cart } from './cart.ts'
import { CheckoutTextsProvider } from './checkout-texts.tsx'
import { FieldError } from './field.tsx'
import { tipFor } from './order-fields.ts'
import { Outcome } from './outcome.tsx'
import { PaymentFields } from './payment-fields.tsx'
import { PlaceFields } from './place-fields.tsx'
import type { RestaurantWithCurrency } from './restaurant-with-currency.ts'
import { TextField } from './text-field.tsx'
import type { useOrder } from './use-order.ts'
import { useOrderForm } from './use-order-form.ts'
import { WhatIsWrong } from './what-is-wrong.tsx'
import { TipField, WishFields } from './wish-fields.tsx'

interface OrderFormProps {
  page: string
  restaurant: RestaurantWithCurrency
  cart: Cart
  dishesCents: number
  order: ReturnType<typeof useOrder>
}

/** Who orders, where it goes, and how it is paid. */
export const OrderForm = (props: OrderFormProps) => (
  <CheckoutTextsProvider>
    <Form {...props} />
  </CheckoutTextsProvider>
)

function Form(props: OrderFormProps) {
  const t = useTranslations('checkout')
  const locale = useLocale()
  const { restaurant, dishesCents, order } = props
  const { form, contents, itemsError } = useOrderForm(props)
  const { register, control, setValue, handleSubmit, formState } = form
  const { errors } = formState
  const [fulfilment, tipPercent] = useWatch({ control, name: ['fulfilment', 'tipPercent'] })
  const sending = order.state.step === 'sending'
  const tipCents = tipFor(tipPercent, dishesCents)
  const inWords = (cents: number) => money(cents, restaurant.currency, locale)
  const total = inWords(dishesCents + tipCents)
  const parts = { register, errors }

  return (
    <form
      noValidate
      aria-busy={sending}
      className="mt-6 space-y-4"
      onSubmit={handleSubmit(fields => order.send(contents(fields)))}
    >
      {itemsError && (
        <div role="alert">
          <FieldError id="items" error={itemsError} />
        </div>
      )}
      <PlaceFields form={parts} restaurant={restaurant} isDelivery={fulfilment === 'delivery'} />
      <WishFields form={parts} hours={restaurant.openingHours ?? []} />
      <TextField
        form={parts}
        name="email"
        inputMode="email"
        autoComplete="email"
        autoCapitalize="none"
        spellCheck={false}
        dir="ltr"
        placeholder="name@example.com"
        maxLength={254}
      />
      <TipField form={parts} />
      <PaymentFields control={control} setValue={setValue} />
      {tipCents > 0 && (
        <p className="flex justify-between text-sm">
          <span>{t('fields.tipPercent')}</span>
          <span className="tabular-nums">{inWords(tipCents)}</span>
        </p>
      )}
      <TotalLine label={t('total')}>
        <output aria-label={t('total')}>{total}</output>
      </TotalLine>
      <WhatIsWrong errors={errors} />
      <Outcome
        state={order.state}
        onAgain={order.sendAgain}
        onBesides={handleSubmit(fields => order.sendBesides(contents(fields)))}
      />
      <button type="submit" className="button w-full" aria-disabled={sending}>
        {sending ? t('sending') : t('submit', { total })}
      </button>
    </form>
  )
}
