import type { Words } from './words.ts'

export const en: Words = {
  locale: 'en',
  dir: 'ltr',
  confirmed: {
    subject: restaurant => `Order confirmed: ${restaurant}`,
    heading: 'Your order is confirmed',
    lead: restaurant => `${restaurant} has your order.`,
    link: 'Follow your order',
    closing: 'Enjoy your meal!',
  },
  declined: {
    subject: restaurant => `Order not paid: ${restaurant}`,
    heading: 'Your order could not be paid',
    lead: (why, restaurant) => `${why} Nothing was charged, and ${restaurant} will not cook this order.`,
    link: 'Try another card',
    closing: 'You are welcome to order again with another card.',
  },
  charged: (card, amount) => `${card} was charged ${amount}.`,
  card: last4 => (last4 ? `Your card ending in ${last4}` : 'Your card'),
  delivery: 'Delivery',
  pickup: 'You pick it up',
  soon: 'As soon as possible',
  labels: {
    tip: 'Tip',
    total: 'Total',
    fulfilment: 'How',
    address: 'Address',
    time: 'When',
    name: 'Name',
    phone: 'Phone',
    note: 'Note',
    paidWith: 'Paid with',
    notCharged: 'Not charged',
    payment: 'Payment',
    order: 'Order',
  },
}
