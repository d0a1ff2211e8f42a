import { z } from 'zod'
import { detailLimits, inOneLine, phoneFault, textFault } from './details-rules.ts'
import { faultInWords } from './details-words.ts'

/** How a diner gets the meal. */
export const Fulfilment = z.enum(['delivery', 'pickup'])
export type Fulfilment = z.infer<typeof Fulfilment>

/** The languages that a diner can be written to in. */
export const Locale = z.enum(['en', 'he'])
export type Locale = z.infer<typeof Locale>

/** Text in one line, without blanks at its ends, and something in it. */
const text = (most: number, least = 1) =>
  z
    .string()
    .transform(inOneLine)
    .superRefine((value, context) => {
      const fault = value.length < least ? 'is empty' : faultInWords(textFault(value, most))
      if (fault) context.addIssue({ code: 'custom', message: fault })
    })

const phone = z
  .string()
  .transform(inOneLine)
  .superRefine((value, context) => {
    const fault = faultInWords(phoneFault(value))
    if (fault) context.addIssue({ code: 'custom', message: fault })
  })

/** Where a meal is brought to, in `POST /orders`. */
const DeliveryAddress = z.object({
  street: text(detailLimits.street).meta({ description: 'with the number of the house' }),
  city: text(detailLimits.city),
  postalCode: text(detailLimits.postalCode).optional(),
  extra: text(detailLimits.extra, 0).optional().meta({ description: 'floor, door, how to get in' }),
})

/**
 * What `POST /orders` may say of an order besides the dishes, each of it optional. `wantedAt` is checked against the
 * clock, `tipCents` against the dishes and `fulfilment` against the restaurant by whoever takes the order.
 */
export const orderDetails = {
  name: text(detailLimits.name).optional().meta({ description: 'whom the restaurant asks for' }),
  phone: phone.optional().meta({ description: 'as the diner writes it, 6 to 15 digits' }),
  fulfilment: Fulfilment.optional().meta({
    description: '`delivery` needs an address, and a restaurant that delivers',
  }),
  address: DeliveryAddress.optional().meta({ description: 'for a delivery alone' }),
  wantedAt: z.iso
    .datetime({ offset: true })
    .optional()
    .meta({
      description: `when the meal is wanted, within ${detailLimits.daysAhead} days; as soon as possible unless given`,
    }),
  note: text(detailLimits.note, 0).optional().meta({ description: 'to the kitchen' }),
  tipCents: z.int().min(0).max(detailLimits.tipCents).optional().meta({
    description: 'part of the total, and no more than what the dishes come to',
  }),
  locale: Locale.optional().meta({ description: 'the language of the mails' }),
}
const Details = z.object(orderDetails)
export type OrderDetails = z.infer<typeof Details>

/** What details have to be for each other: an address is for a delivery, and there is none without one. */
export function detailsFault({ fulfilment, address }: OrderDetails) {
  if (fulfilment === 'delivery' && !address)
    return { path: ['address'], message: 'is needed: where should the order be delivered?' }
  if (address && !fulfilment)
    return { path: ['fulfilment'], message: 'is needed, as there is an address: "delivery" or "pickup"' }
  return undefined
}

/** What is no such value is as good as none: a record of others is an order all the same. */
const orNone = <T>(schema: z.ZodType<T>) => schema.optional().catch(undefined)

/**
 * The same in the records of `order`, `order_confirm` and `order_declined`. It is personal, but for `tip_cents`, which is
 * part of `amount_cents`, and `locale`: nothing else than the mail and the kitchen's ticket shows it.
 */
export const recordedDetails = {
  name: orNone(z.string()),
  phone: orNone(z.string()),
  fulfilment: orNone(Fulfilment),
  address: orNone(
    z.looseObject({
      street: z.string(),
      city: z.string(),
      postal_code: orNone(z.string()),
      extra: orNone(z.string()),
    }),
  ),
  wanted_at: orNone(z.iso.datetime({ offset: true })),
  note: orNone(z.string()),
  tip_cents: orNone(z.int().nonnegative()),
  locale: orNone(Locale),
}
const Recorded = z.object(recordedDetails)
export type RecordedDetails = z.infer<typeof Recorded>

const { name, phone: recordedPhone, fulfilment, address, wanted_at, note } = recordedDetails
/** What of them a kitchen has to know. */
export const kitchenDetails = { name, phone: recordedPhone, fulfilment, address, wanted_at, note }
const ForKitchen = z.object(kitchenDetails)
export type KitchenDetails = z.infer<typeof ForKitchen>

/** The details of an order as its record has them: those that were given, and an address for a delivery alone. */
export function detailsRecord(details: OrderDetails): RecordedDetails {
  const { name, phone, fulfilment, wantedAt, note, tipCents, locale } = details
  const address = fulfilment === 'delivery' ? details.address : undefined
  const record = {
    name,
    phone,
    fulfilment,
    address: address && given({ ...address, postalCode: undefined, postal_code: address.postalCode }),
    wanted_at: wantedAt,
    note,
    tip_cents: tipCents || undefined,
    locale,
  }
  return given(record)
}

/** The details that a kitchen has to know, and nothing else, of what may have others as well. */
export function kitchenDetailsOf(record: KitchenDetails): KitchenDetails {
  const { name, phone, fulfilment, address, wanted_at, note } = record
  const place = address && {
    street: address.street,
    city: address.city,
    postal_code: address.postal_code,
    extra: address.extra,
  }
  return given({ name, phone, fulfilment, address: place && given(place), wanted_at, note })
}

/** Without what is empty. */
const given = <T extends object>(values: T): T =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== '')) as T
