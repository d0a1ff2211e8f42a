import type { Restaurant } from 'kafka-restaurants-contracts'

/** A restaurant with two dishes. */
export const figTree: Restaurant = {
  id: 'fig',
  name: 'The Fig Tree',
  style: 'Israeli',
  vegetarian: true,
  delivery: true,
  description: '',
  menu: [
    { id: 'soup', name: 'Soup', description: '', vegetarian: true, priceCents: 500 },
    { id: 'bread', name: 'Bread', description: '', vegetarian: true, priceCents: 150 },
  ],
}
