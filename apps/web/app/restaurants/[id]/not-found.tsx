import { OpenOrder } from '../../../order/open-order.tsx'
import { AllRestaurants } from '../../../parts/all-restaurants.tsx'
import { Notice } from '../../../parts/notice.tsx'

export default function NotFound() {
  return (
    <Notice heading="No such restaurant" text="It may have closed, or the link has a typing error.">
      <OpenOrder />
      <AllRestaurants className="button" />
    </Notice>
  )
}
