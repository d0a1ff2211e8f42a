import { OrderAccepted, Restaurant, RestaurantSummary } from 'kafka-restaurants-contracts'

/** Orders the first dish of the first restaurant. @returns the order's id, and where tracking tells of it */
export async function placeOrder(
  { searchOrder, tracking }: { searchOrder: string; tracking: string },
  order: { email: string; creditCard: string },
  headers: Record<string, string>,
): Promise<{ orderId: string; trackingUrl: string }> {
  const asJson = async (path: string) => (await fetch(`${searchOrder}${path}`)).json()
  const [first] = RestaurantSummary.array().parse(await asJson('/search?limit=1'))
  const { id, menu } = Restaurant.parse(await asJson(`/restaurants/${first?.id}`))
  const response = await fetch(`${searchOrder}/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ ...order, restaurant: id, items: [{ id: menu[0]?.id, quantity: 1 }] }),
  })
  const { orderId } = OrderAccepted.parse(await response.json())
  return { orderId, trackingUrl: `${tracking}/orders/${orderId}` }
}
