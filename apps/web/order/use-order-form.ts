'use client'

import { useLocale, useTranslations } from 'next-intl'
import { useEffect, useRef } from 'react'
import { type Resolver, useForm } from 'react-hook-form'
import type { Cart } from './cart.ts'
import { keepFields, keptFields } from './kept-fields.ts'
import {
  checkFields,
  detailsOf,
  hasErrors,
  type OrderContents,
  type OrderFields,
  problemErrors,
  tipFor,
} from './order-fields.ts'
import type { RestaurantWithCurrency } from './restaurant-with-currency.ts'
import type { useOrder } from './use-order.ts'

interface OrderFormOptions {
  page: string
  restaurant: RestaurantWithCurrency
  cart: Cart
  dishesCents: number
  order: ReturnType<typeof useOrder>
}

/** The form of an order: what is in it is kept in this tab, but for the card; what is wrong is told beside its field. */
export function useOrderForm({ page, restaurant, cart, dishesCents, order }: OrderFormOptions) {
  const t = useTranslations('checkout')
  const locale = useLocale()
  const { id, name, currency } = restaurant
  const contents = (fields: OrderFields): OrderContents => {
    const tipCents = tipFor(fields.tipPercent, dishesCents)
    return {
      restaurant: id,
      restaurantName: name,
      email: fields.email,
      card: fields.card,
      cart,
      details: detailsOf(fields, tipCents),
      locale,
      total: { amountCents: dishesCents + tipCents, currency },
    }
  }
  // As it is when a field is checked: the basket may have changed since the form was made.
  const check = useRef<Resolver<OrderFields>>(undefined)
  check.current = fields => {
    const needsCard = !order.hasCardFor(contents(fields))
    const errors = checkFields(fields, { now: new Date(), needsCard, t })
    if (!hasErrors(errors)) return { values: fields, errors: {} }
    const told = Object.entries(errors).map(([field, message]) => [field, { type: 'rule', message }])
    return { values: {}, errors: Object.fromEntries(told) }
  }
  const form = useForm<OrderFields>({
    defaultValues: keptFields(page, restaurant),
    resolver: (...asked) => check.current?.(...asked) ?? { values: {}, errors: {} },
  })

  const forget = useRef(order.forget)
  forget.current = order.forget
  useEffect(
    () =>
      form.subscribe({
        formState: { values: true },
        callback: ({ values }) => {
          keepFields(page, values)
          forget.current()
        },
      }),
    [form, page],
  )

  // What the API says of fields goes beside them.
  const { state } = order
  const fault = state.step === 'faulty' ? state.fault : undefined
  const { items, form: _, ...told } = state.step === 'faulty' ? problemErrors(state.problem) : {}
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each time that it is sent back
  useEffect(() => {
    const [first] = Object.entries(told).map(([field, message]) => {
      form.setError(field as keyof OrderFields, { type: 'api', message })
      return field as keyof OrderFields
    })
    if (first) form.setFocus(first)
  }, [fault])

  return { form, contents, itemsError: items ? { type: 'api', message: items } : undefined }
}
